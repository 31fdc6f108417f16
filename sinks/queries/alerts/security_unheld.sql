-- id: Apakah insiden keamanan kritis melewati tenggat tanpa ada yang menangani?
-- en: In each kabupaten/kota: critical security incidents that nobody has taken on by their deadline?
SELECT place.name AS kabupaten, countIf(incident_id != '') AS value
FROM (SELECT code, name FROM posko.regions WHERE level = 'regency') AS place
LEFT JOIN
(
    SELECT regency AS code, incident_id
    FROM posko.incidents
    WHERE category = 'security' AND severity >= 4 AND status IN ('new', 'reopened') AND ack_due < now64(3)
) AS waiting USING (code)
GROUP BY kabupaten
ORDER BY kabupaten
