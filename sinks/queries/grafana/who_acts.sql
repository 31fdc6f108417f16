-- id: Siapa yang bertindak?
-- en: How many steps did each institution take in the time chosen?
-- Steps never change, so the same step stored twice is dropped here (DISTINCT, min) instead of by FINAL, which reads the whole log.
SELECT
    institution, countIf(action = 'acknowledge') AS taken, countIf(action = 'verify') AS verified,
    countIf(action IN ('resolve', 'reject')) AS closed, count() AS steps
FROM
(
    SELECT DISTINCT incident_id, seq, action, institution
    FROM posko.incident_log_rows
    WHERE $__timeFilter(at) AND action IN ('acknowledge', 'verify', 'resolve', 'reject', 'assign', 'refer', 'note', 'reopen')
        AND institution != ''
)
GROUP BY institution
ORDER BY steps DESC, institution
