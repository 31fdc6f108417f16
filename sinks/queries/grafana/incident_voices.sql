-- id: Siapa yang melaporkannya?
-- en: One incident: its reports by institution?
WITH if(${insiden:singlequote} != '', ${insiden:singlequote}, (SELECT argMax(incident_id, (severity, reports)) FROM posko.incidents WHERE status NOT IN ('resolved', 'rejected'))) AS chosen
SELECT entry.1 AS institution, entry.2 AS reports
FROM posko.incidents
ARRAY JOIN JSONExtractKeysAndValues(sources, 'UInt32') AS entry
WHERE incident_id = chosen
ORDER BY reports DESC, institution
