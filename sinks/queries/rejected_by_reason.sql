-- id: Mengapa pesan ditolak, dan berapa banyak?
-- en: Why are messages rejected, how many, and what does one say?
-- param hours = 24: how far back
SELECT reason, field, count() AS messages, max(received_at) AS latest, anyLast(detail) AS example
FROM posko.rejected
WHERE received_at > now64(3) - toIntervalHour({hours:UInt32})
GROUP BY reason, field
ORDER BY messages DESC, reason, field
