-- id: Insiden keamanan kritis mana yang belum ditangani siapa pun?
-- en: Which critical security incidents has nobody taken on, and how long have they waited?
WITH chosen AS
(
    SELECT incident_id
    FROM posko.incidents
    WHERE category = 'security' AND status IN ('new', 'reopened') AND severity >= 4
        AND $__conditionalAll(regency IN (${kabupaten:singlequote}), $kabupaten)
    ORDER BY severity DESC, opened_at
    LIMIT 15
)
SELECT
    severity, title, place_name, lead_agency AS agency, dateDiff('minute', opened_at, now64(3)) AS minutes_waiting,
    escalation, reporters, institutions, incident_id, regency
FROM posko.incidents
WHERE incident_id IN (SELECT incident_id FROM chosen)
ORDER BY severity DESC, minutes_waiting DESC, incident_id
