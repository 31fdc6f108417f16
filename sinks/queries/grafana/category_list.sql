-- id: Apa yang harus didahulukan, dan siapa yang memegangnya?
-- en: The open incidents of one category that come first, and who has them?
WITH chosen AS
(
    SELECT incident_id
    FROM posko.incidents
    WHERE category = '${kategori:raw}' AND status NOT IN ('resolved', 'rejected')
        AND $__conditionalAll(regency IN (${kabupaten:singlequote}), $kabupaten)
    ORDER BY severity DESC, status IN ('new', 'reopened') DESC, if(status IN ('new', 'reopened'), ack_due, resolve_due), incident_id
    LIMIT 20
)
SELECT
    severity, title, place_name, if(assigned_to = '', lead_agency, assigned_to) AS holder, status,
    dateDiff('minute', now64(3), if(status IN ('new', 'reopened'), least(ack_due, resolve_due), resolve_due)) AS minutes_left,
    reporters, institutions, incident_id, regency
FROM posko.incidents
WHERE incident_id IN (SELECT incident_id FROM chosen)
ORDER BY severity DESC, status IN ('new', 'reopened') DESC, minutes_left, incident_id
