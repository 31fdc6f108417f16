-- id: Apakah penanganan mengejar? Insiden dibuka dan ditutup
-- en: Do we keep up: incidents opened, taken on and closed over time?
SELECT
    $__timeInterval(at) AS time,
    countIf(action = 'opened') AS opened,
    countIf(action = 'acknowledge') AS taken,
    countIf(action IN ('resolve', 'reject')) AS closed
FROM posko.incident_log
WHERE $__timeFilter(at) AND action IN ('opened', 'acknowledge', 'resolve', 'reject')
GROUP BY time
ORDER BY time
