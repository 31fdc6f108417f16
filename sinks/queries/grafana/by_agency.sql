-- id: Siapa memegang apa?
-- en: Who has how many open incidents, and how many of them are past a deadline?
SELECT
    lead_agency AS agency, countIf(severity >= 4) AS critical, count() AS open,
    countIf(status IN ('new', 'reopened')) AS unheld,
    countIf(resolve_due < now64(3) OR (status IN ('new', 'reopened') AND ack_due < now64(3))) AS overdue
FROM posko.incidents
WHERE status NOT IN ('resolved', 'rejected') AND $__conditionalAll(regency IN (${kabupaten:singlequote}), $kabupaten)
GROUP BY agency
ORDER BY critical DESC, open DESC, agency
