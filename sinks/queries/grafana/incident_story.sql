-- id: Apa yang diketahui kapan, dan oleh siapa?
-- en: One incident: every report and every step in the order in which it became known?
WITH if(${insiden:singlequote} != '', ${insiden:singlequote}, (SELECT argMax(incident_id, (severity, reports)) FROM posko.incidents WHERE status NOT IN ('resolved', 'rejected'))) AS chosen,
    (SELECT arrayConcat([chosen], groupArray(incident_id)) FROM posko.merged_rows FINAL WHERE merged_into = chosen) AS family,
    (SELECT groupArray(position) FROM posko.report_moves_rows FINAL WHERE has(family, incident_id)) AS moved_here
SELECT at, source, who, institution, what, detail, place_name
FROM
(
    SELECT received_at AS at, 'laporan' AS source, toString(role) AS who, toString(institution) AS institution,
        transform(toString(match), ['new', 'joined', 'resent'], ['membuka', 'menguatkan', 'kiriman ulang'], toString(match)) AS what,
        text AS detail, place_name
    FROM posko.reports_as_stored
    WHERE (matched_incident IN (SELECT arrayJoin(family)) OR position IN (SELECT arrayJoin(moved_here))) AND now_incident = chosen
    LIMIT 1 BY position
    UNION ALL
    SELECT at, 'langkah', if(actor = 'posko', 'sistem', actor), toString(institution), toString(action), detail, ''
    FROM posko.incident_log
    WHERE incident_id = chosen
)
ORDER BY at DESC
LIMIT 300
