-- id: Mengapa pesan ditolak?
-- en: Why were messages rejected in the time chosen?
SELECT reason, field, count() AS messages, max(received_at) AS latest
FROM posko.rejected
WHERE $__timeFilter(received_at)
GROUP BY reason, field
ORDER BY messages DESC, reason, field
LIMIT 20
