-- id: Seberapa cepat posko menangani?
-- en: The whole command post: median minutes to take on and to resolve, share taken on in time?
-- Steps never change, so the same step stored twice changes nothing here (min): FINAL would read the whole log.
SELECT
    round(quantileExact(0.5)(dateDiff('second', opened_at, acked)) / 60, 1) AS ack_median,
    round(quantileExact(0.9)(dateDiff('second', opened_at, acked)) / 60, 1) AS ack_p90,
    round(quantileExact(0.5)(dateDiff('second', opened_at, resolved)) / 60, 1) AS resolve_median,
    round(100 * countIf(acked <= ack_due) / countIf(acked IS NOT NULL OR ack_due < now64(3)), 1) AS in_time_percent,
    round(100 * countIf(acked IS NOT NULL) / count(), 1) AS taken_percent
FROM
(
    SELECT cityHash64(incident_id) AS id, opened_at, ack_due FROM posko.incidents WHERE $__timeFilter(opened_at) AND merged_into = ''
) AS incidents
LEFT JOIN
(
    SELECT cityHash64(incident_id) AS id, minOrNullIf(at, action = 'acknowledge') AS acked, minOrNullIf(at, action = 'resolve') AS resolved
    FROM posko.incident_log_rows
    WHERE $__timeFilter(at) AND action IN ('acknowledge', 'resolve')
    GROUP BY id
) AS steps USING (id)
