-- id: Apakah penanganan mengejar? Insiden dibuka, ditangani, ditutup
-- en: Do we keep up in this area: incidents opened, taken on and closed over time?
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
WHERE incident_id IN (SELECT incident_id FROM posko.incidents WHERE $__conditionalAll(regency IN (${kabupaten:singlequote}), $kabupaten))
GROUP BY time
ORDER BY time WITH FILL FROM toStartOfInterval($__fromTime, INTERVAL $__interval_s second) TO $__toTime STEP $__interval_s
