-- id: Apakah masih bertambah?
-- en: One incident: its reports over time?
WITH if(${insiden:singlequote} != '', ${insiden:singlequote}, (SELECT argMax(incident_id, (severity, reports)) FROM posko.incidents WHERE status NOT IN ('resolved', 'rejected'))) AS chosen
SELECT $__timeInterval(received_at) AS time, count() AS reports
FROM posko.reports
WHERE $__timeFilter(received_at) AND incident_id = chosen AND matched_incident IN (SELECT arrayJoin(arrayConcat([chosen], (SELECT groupArray(incident_id) FROM posko.merged_rows FINAL WHERE merged_into = chosen))))
GROUP BY time
ORDER BY time WITH FILL FROM toStartOfInterval($__fromTime, INTERVAL $__interval_s second) TO $__toTime STEP $__interval_s
