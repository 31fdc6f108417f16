-- id: Insiden apa ini, seberapa pasti, dan siapa yang memegangnya?
-- en: One incident: what, where, how severe, how sure, who has it, deadlines? Without an id: the most severe open one.
WITH if(${insiden:singlequote} != '', ${insiden:singlequote}, (SELECT argMax(incident_id, (severity, reports)) FROM posko.incidents WHERE status NOT IN ('resolved', 'rejected'))) AS chosen
SELECT
    title, summary, place_name, severity, category, status, confidence, if(assigned_to = '', lead_agency, assigned_to) AS holder,
    reports, reporters, institutions, opened_at, ack_due, resolve_due, escalation, incident_id
FROM posko.incidents
WHERE incident_id = chosen
