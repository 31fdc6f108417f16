-- id: Insiden mana yang melewati tenggat, dan siapa penanggung jawabnya?
-- en: Which incidents are past a deadline, by how much, and whose are they?
-- param limit = 100: rows at most
SELECT
    incident_id,
    if(late_ack, 'acknowledge', 'resolve') AS missed,
    dateDiff('minute', if(late_ack, ack_due, resolve_due), now64(3)) AS minutes_late,
    severity, status, category, title, place_name, regency, lead_agency, assigned_to, escalation, ack_due, resolve_due
FROM
(
    SELECT
        *,
        ifNull(status IN ('new', 'reopened') AND ack_due < now64(3), false) AS late_ack,
        ifNull(status NOT IN ('resolved', 'rejected') AND resolve_due < now64(3), false) AS late_resolve
    FROM posko.incidents
)
WHERE late_ack OR late_resolve
ORDER BY severity DESC, minutes_late DESC, incident_id
LIMIT {limit:UInt32}
