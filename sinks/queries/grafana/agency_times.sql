-- id: Seberapa cepat tiap lembaga menangani dan menyelesaikan?
-- en: How quickly does each agency take on, verify and resolve (median and nine in ten, minutes), and how often in time?
-- Steps never change, so the same step stored twice changes nothing here (min): FINAL would read the whole log.
SELECT
    agency, count() AS incidents,
    round(100 * countIf(acked IS NOT NULL) / count(), 1) AS taken_percent,
    round(quantileExact(0.5)(dateDiff('second', opened_at, acked)) / 60, 1) AS ack_median,
    round(quantileExact(0.9)(dateDiff('second', opened_at, acked)) / 60, 1) AS ack_p90,
    round(100 * countIf(acked <= ack_due) / countIf(acked IS NOT NULL OR ack_due < now64(3)), 1) AS in_time_percent,
    round(quantileExact(0.5)(dateDiff('second', opened_at, verified)) / 60, 1) AS verify_median,
    round(quantileExact(0.5)(dateDiff('second', opened_at, resolved)) / 60, 1) AS resolve_median
FROM
(
    SELECT cityHash64(incident_id) AS id, lead_agency AS agency, opened_at, ack_due
    FROM posko.incidents
    WHERE $__timeFilter(opened_at) AND merged_into = ''
) AS incidents
LEFT JOIN
(
    SELECT cityHash64(incident_id) AS id, minOrNullIf(at, action = 'acknowledge') AS acked, minOrNullIf(at, action = 'verify') AS verified,
        minOrNullIf(at, action = 'resolve') AS resolved
    FROM posko.incident_log_rows
    WHERE $__timeFilter(at) AND action IN ('acknowledge', 'verify', 'resolve')
    GROUP BY id
) AS steps USING (id)
GROUP BY agency
ORDER BY incidents DESC, agency
