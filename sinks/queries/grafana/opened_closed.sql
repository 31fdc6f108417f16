-- id: Apakah penanganan mengejar? Insiden dibuka dan ditutup
-- en: Do we keep up: incidents opened, taken on and closed over time?
-- Steps never change, so the same step stored twice is counted once by its hash instead of by FINAL, which reads the whole log.
SELECT
    time, sumIf(steps, action = 'opened') AS opened, sumIf(steps, action = 'acknowledge') AS taken,
    sumIf(steps, action IN ('resolve', 'reject')) AS closed
FROM
(
    SELECT $__timeInterval(at) AS time, action, uniqExact(cityHash64(incident_id, seq)) AS steps
    FROM posko.incident_log_rows
    WHERE $__timeFilter(at) AND action IN ('opened', 'acknowledge', 'resolve', 'reject')
    GROUP BY time, action
)
GROUP BY time
ORDER BY time WITH FILL FROM toStartOfInterval($__fromTime, INTERVAL $__interval_s second) TO $__toTime STEP $__interval_s
