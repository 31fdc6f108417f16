-- id: Tenggat mana yang terlewat sampai naik tingkat?
-- en: Escalations by missed deadline over time?
-- Steps never change, so the same step stored twice is counted once by its hash instead of by FINAL, which reads the whole log.
SELECT time, sumIf(steps, cause = 'ack') AS missed_ack, sumIf(steps, cause = 'resolve') AS missed_resolve
FROM
(
    SELECT $__timeInterval(at) AS time, cause, uniqExact(cityHash64(incident_id, seq)) AS steps
    FROM posko.incident_log_rows
    WHERE $__timeFilter(at) AND action IN ('escalate', 'overdue')
    GROUP BY time, cause
)
GROUP BY time
ORDER BY time WITH FILL FROM toStartOfInterval($__fromTime, INTERVAL $__interval_s second) TO $__toTime STEP $__interval_s
