-- id: Tenggat mana yang terlewat sampai naik tingkat?
-- en: Escalations by missed deadline over time?
SELECT $__timeInterval(at) AS time, countIf(cause = 'ack') AS missed_ack, countIf(cause = 'resolve') AS missed_resolve
FROM posko.incident_log
WHERE $__timeFilter(at) AND action IN ('escalate', 'overdue')
GROUP BY time
ORDER BY time
