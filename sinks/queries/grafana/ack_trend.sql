-- id: Apakah penanganan makin cepat? Menit sampai ditangani
-- en: Median and nine in ten of the minutes until an incident is taken on, over time?
-- Steps never change, so the same step stored twice changes nothing here (min): FINAL would read the whole log.
SELECT
    $__timeInterval(taken_at) AS time,
    round(quantileExact(0.5)(dateDiff('second', opened_at, taken_at)) / 60, 1) AS ack_median,
    round(quantileExact(0.9)(dateDiff('second', opened_at, taken_at)) / 60, 1) AS ack_p90
FROM
(
    SELECT cityHash64(incident_id) AS id, min(at) AS taken_at
    FROM posko.incident_log_rows
    WHERE $__timeFilter(at) AND action = 'acknowledge'
    GROUP BY id
) AS steps
INNER JOIN (SELECT cityHash64(incident_id) AS id, opened_at FROM posko.incidents) AS incidents USING (id)
GROUP BY time
ORDER BY time
