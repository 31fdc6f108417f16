-- id: Apa yang diketahui kapan, dan oleh siapa, tentang satu insiden?
-- en: What was known when, and by whom, about one incident: its reports and every step taken?
-- param incident_id = '': the incident
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
    FROM posko.reports
    WHERE incident_id = {incident_id:String}
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
