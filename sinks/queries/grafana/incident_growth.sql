-- id: Apakah masih bertambah?
-- en: One incident: its reports over time?
WITH if(${insiden:singlequote} != '', ${insiden:singlequote}, (SELECT argMax(incident_id, (severity, reports)) FROM posko.incidents WHERE status NOT IN ('resolved', 'rejected'))) AS chosen,
    (SELECT arrayConcat([chosen], groupArray(incident_id)) FROM posko.merged_rows FINAL WHERE merged_into = chosen) AS family,
    (SELECT groupArray(position) FROM posko.report_moves_rows FINAL WHERE has(family, incident_id)) AS moved_here
SELECT $__timeInterval(received_at) AS time, uniqExact(position) AS reports
FROM posko.reports_as_stored
WHERE $__timeFilter(received_at) AND now_incident = chosen
    AND (matched_incident IN (SELECT arrayJoin(family)) OR position IN (SELECT arrayJoin(moved_here)))
GROUP BY time
ORDER BY time WITH FILL FROM toStartOfInterval($__fromTime, INTERVAL $__interval_s second) TO $__toTime STEP $__interval_s
