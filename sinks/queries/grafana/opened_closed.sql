-- id: Apakah penanganan mengejar? Insiden dibuka dan ditutup
-- en: Do we keep up: incidents opened, taken on and closed over time?
-- Steps never change, so the same step stored twice is dropped here (DISTINCT, min) instead of by FINAL, which reads the whole log.
SELECT
    $__timeInterval(at) AS time,
    countIf(action = 'opened') AS opened,
    countIf(action = 'acknowledge') AS taken,
    countIf(action IN ('resolve', 'reject')) AS closed
FROM
(
    SELECT DISTINCT incident_id, seq, at, action
    FROM posko.incident_log_rows
    WHERE $__timeFilter(at) AND action IN ('opened', 'acknowledge', 'resolve', 'reject')
)
GROUP BY time
ORDER BY time WITH FILL FROM toStartOfInterval($__fromTime, INTERVAL $__interval_s second) TO $__toTime STEP $__interval_s
