-- id: Apa saja langkah setiap insiden, dan kapan berikutnya jatuh tempo?
-- en: Every step of every incident, and when it would escalate next (for the auditor of escalations)?
SELECT incident_id, seq, toUnixTimestamp64Milli(at) AS at, actor, action, value, cause,
    if(isNull(next_due), NULL, toUnixTimestamp64Milli(assumeNotNull(next_due))) AS next_due
FROM posko.incident_log
ORDER BY incident_id, seq
