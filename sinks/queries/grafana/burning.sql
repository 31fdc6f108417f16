-- id: Apa yang harus didahulukan sekarang, dan siapa yang memegangnya?
-- en: Which open incidents come first: the most severe and the closest to (or furthest past) their deadline, and who has them?
WITH chosen AS
(
    SELECT incident_id
    FROM posko.incidents
    WHERE status NOT IN ('resolved', 'rejected') AND $__conditionalAll(regency IN (${kabupaten:singlequote}), $kabupaten)
    ORDER BY severity DESC, status IN ('new', 'reopened') DESC, if(status IN ('new', 'reopened'), ack_due, resolve_due), incident_id
    LIMIT 15
)
SELECT
    severity, title, place_name,
    if(assigned_to = '', lead_agency, assigned_to) AS holder,
    status,
    dateDiff('minute', now64(3), if(status IN ('new', 'reopened'), least(ack_due, resolve_due), resolve_due)) AS minutes_left,
    reporters, institutions, incident_id, regency
FROM posko.incidents
WHERE incident_id IN (SELECT incident_id FROM chosen)
ORDER BY severity DESC, status IN ('new', 'reopened') DESC, minutes_left, incident_id
