-- id: Apakah penanganan makin cepat? Menit sampai ditangani
-- en: Median and nine in ten of the minutes until an incident is taken on, over time?
-- Steps never change, so the same step stored twice is dropped here (DISTINCT, min) instead of by FINAL, which reads the whole log.
SELECT
    $__timeInterval(taken_at) AS time,
    round(quantileExact(0.5)(dateDiff('second', opened_at, taken_at)) / 60, 1) AS ack_median,
    round(quantileExact(0.9)(dateDiff('second', opened_at, taken_at)) / 60, 1) AS ack_p90
FROM
(
    SELECT incident_id, min(at) AS taken_at
    FROM posko.incident_log_rows
    WHERE $__timeFilter(at) AND action = 'acknowledge'
    GROUP BY incident_id
) AS steps
INNER JOIN (SELECT incident_id, opened_at FROM posko.incidents) AS incidents USING (incident_id)
GROUP BY time
ORDER BY time
