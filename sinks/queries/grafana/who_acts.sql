-- id: Siapa yang bertindak?
-- en: How many steps did each institution take in the time chosen?
-- Steps never change, so the same step stored twice is counted once by its hash instead of by FINAL, which reads the whole log.
SELECT
    institution, sumIf(times, action = 'acknowledge') AS taken, sumIf(times, action = 'verify') AS verified,
    sumIf(times, action IN ('resolve', 'reject')) AS closed, sum(times) AS steps
FROM
(
    SELECT institution, action, uniqExact(cityHash64(incident_id, seq)) AS times
    FROM posko.incident_log_rows
    WHERE $__timeFilter(at) AND action IN ('acknowledge', 'verify', 'resolve', 'reject', 'assign', 'refer', 'note', 'reopen')
        AND institution != ''
    GROUP BY institution, action
)
GROUP BY institution
ORDER BY steps DESC, institution
