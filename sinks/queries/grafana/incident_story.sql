-- id: Apa yang diketahui kapan, dan oleh siapa?
-- en: One incident: every report and every step in the order in which it became known?
WITH if(${insiden:singlequote} != '', ${insiden:singlequote}, (SELECT argMax(incident_id, (severity, reports)) FROM posko.incidents WHERE status NOT IN ('resolved', 'rejected'))) AS chosen
SELECT at, source, who, institution, what, detail, place_name
FROM
(
    SELECT received_at AS at, 'laporan' AS source, toString(role) AS who, toString(institution) AS institution,
        transform(toString(match), ['new', 'joined', 'resent'], ['membuka', 'menguatkan', 'kiriman ulang'], toString(match)) AS what,
        text AS detail, place_name
    FROM posko.reports
    WHERE incident_id = chosen AND matched_incident IN (SELECT arrayJoin(arrayConcat([chosen], (SELECT groupArray(incident_id) FROM posko.merged_rows FINAL WHERE merged_into = chosen))))
    UNION ALL
    SELECT at, 'langkah', if(actor = 'posko', 'sistem', actor), toString(institution), toString(action), detail, ''
    FROM posko.incident_log
    WHERE incident_id = chosen
)
ORDER BY at DESC
LIMIT 300
