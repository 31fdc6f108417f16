-- id: Tenggat mana yang terlewat sampai naik tingkat?
-- en: Escalations by missed deadline over time?
-- Steps never change, so the same step stored twice is dropped here (DISTINCT, min) instead of by FINAL, which reads the whole log.
SELECT $__timeInterval(at) AS time, countIf(cause = 'ack') AS missed_ack, countIf(cause = 'resolve') AS missed_resolve
FROM (SELECT DISTINCT incident_id, seq, at, cause FROM posko.incident_log_rows WHERE $__timeFilter(at) AND action IN ('escalate', 'overdue'))
GROUP BY time
ORDER BY time WITH FILL FROM toStartOfInterval($__fromTime, INTERVAL $__interval_s second) TO $__toTime STEP $__interval_s
