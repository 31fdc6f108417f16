-- id: Insiden apa saja di wilayah ini?
-- en: The open incidents of the chosen area, the most severe first?
WITH chosen AS
(
    SELECT incident_id
    FROM posko.incidents
    WHERE status NOT IN ('resolved', 'rejected') AND $__conditionalAll(regency IN (${kabupaten:singlequote}), $kabupaten)
        AND $__conditionalAll(district IN (${kecamatan:singlequote}), $kecamatan)
    ORDER BY severity DESC, opened_at DESC, incident_id
    LIMIT 40
)
SELECT severity, title, place_name, category, status, if(assigned_to = '', lead_agency, assigned_to) AS holder, reporters, opened_at, incident_id
FROM posko.incidents
WHERE incident_id IN (SELECT incident_id FROM chosen)
ORDER BY severity DESC, opened_at DESC, incident_id
