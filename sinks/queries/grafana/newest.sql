-- id: Apa yang paling baru?
-- en: Which incidents were opened last?
WITH chosen AS
(
    SELECT incident_id
    FROM posko.incidents
    WHERE merged_into = '' AND $__conditionalAll(regency IN (${kabupaten:singlequote}), $kabupaten)
    ORDER BY opened_at DESC, incident_id
    LIMIT 15
)
SELECT opened_at, severity, title, place_name, status, reporters, incident_id, regency
FROM posko.incidents
WHERE incident_id IN (SELECT incident_id FROM chosen)
ORDER BY opened_at DESC, incident_id
