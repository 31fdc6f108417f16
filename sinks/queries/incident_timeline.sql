-- id: Apa yang diketahui kapan, dan oleh siapa, tentang satu insiden?
-- en: What was known when, and by whom, about one incident: its reports and every step taken?
-- param incident_id = '': the incident
WITH
    (SELECT arrayConcat([{incident_id:String}], groupArray(incident_id)) FROM posko.merged_rows FINAL WHERE merged_into = {incident_id:String})
        AS family,
    (SELECT groupArray(position) FROM posko.report_moves_rows FINAL WHERE has(family, incident_id)) AS moved_here
SELECT at, source, actor, what, detail, place_name, score
FROM
(
    SELECT
        received_at AS at,
        'report' AS source,
        concat(role, '/', institution) AS actor,
        toString(match) AS what,
        text AS detail,
        place_name,
        score,
        report_id AS tie
    FROM posko.reports_as_stored
    WHERE (matched_incident IN (SELECT arrayJoin(family)) OR position IN (SELECT arrayJoin(moved_here))) AND now_incident = {incident_id:String}
    LIMIT 1 BY position
    UNION ALL
    SELECT at, 'step', actor, toString(action), detail, '', 0, toString(seq)
    FROM posko.incident_log
    WHERE incident_id = {incident_id:String}
    UNION ALL
    SELECT received_at, 'resend', '', if(conflict, 'other content', 'same content'), text, '', 0, report_id
    FROM posko.resends
    WHERE incident_id = {incident_id:String}
)
ORDER BY at, source, tie
