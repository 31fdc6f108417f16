-- id: Apa yang diselesaikan?
-- en: Which incidents were resolved in this time, the most severe first, by whom and after how long?
WITH
    steps AS
    (
        SELECT incident_id, max(at) AS last, argMax(institution, seq) AS institution
        FROM posko.incident_log_rows
        WHERE $__timeFilter(at) AND action = 'resolve'
        GROUP BY incident_id
    )
SELECT
    severity, title, place_name, if(steps.institution = '', lead_agency, steps.institution) AS holder, steps.last AS at,
    dateDiff('minute', opened_at, steps.last) AS minutes, incident_id
FROM posko.incidents AS incidents INNER JOIN steps USING (incident_id)
WHERE status = 'resolved' AND merged_into = '' AND $__conditionalAll(regency IN (${kabupaten:singlequote}), $kabupaten)
ORDER BY severity DESC, at DESC, incident_id
LIMIT 5
