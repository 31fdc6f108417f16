-- id: Apa yang naik tingkat karena tenggat terlewat?
-- en: Which open incidents went up in this time because a deadline was missed, to which level, and who has them?
WITH
    steps AS
    (
        SELECT incident_id, argMax(cause, seq) AS missed, max(at) AS last
        FROM posko.incident_log_rows
        WHERE $__timeFilter(at) AND action IN ('escalate', 'overdue') AND cause != ''
        GROUP BY incident_id
    )
SELECT
    severity, title, place_name, if(assigned_to = '', lead_agency, assigned_to) AS holder, escalation, steps.missed AS missed,
    steps.last AS at, incident_id
FROM posko.incidents AS incidents INNER JOIN steps USING (incident_id)
WHERE status NOT IN ('resolved', 'rejected') AND $__conditionalAll(regency IN (${kabupaten:singlequote}), $kabupaten)
ORDER BY severity DESC, escalation DESC, at DESC, incident_id
LIMIT 5
