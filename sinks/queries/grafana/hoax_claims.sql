-- id: Klaim mana yang paling luas dan paling cepat menyebar, dan apa putusannya?
-- en: Which claims reach furthest and travel fastest: reports, kabupaten/kota reached, reports of the last hour, verdict?
WITH
    spread AS
    (
        SELECT now_incident AS incident_id, uniqExact(position) AS told, uniqExactIf(regency, regency != '') AS regencies, uniq(reporter_id) AS people,
            uniqExactIf(position, received_at > now64(3) - INTERVAL 1 HOUR) AS last_hour
        FROM posko.reports_as_stored
        WHERE $__timeFilter(received_at) AND category = 'hoax'
        GROUP BY incident_id
        ORDER BY told DESC, incident_id
        LIMIT 20
    )
SELECT
    incidents.title AS title, spread.told AS told, spread.regencies AS regencies, spread.people AS people, spread.last_hour AS last_hour,
    multiIf(JSONExtractString(incidents.claim, 'verdict') != '', JSONExtractString(incidents.claim, 'verdict'),
        incidents.status = 'rejected', 'bukan hoaks', incidents.confidence = 'verified', 'hoaks, terverifikasi', incidents.status = 'resolved', 'sudah dijawab', 'belum diputus')
        AS verdict,
    incidents.severity AS severity, incidents.incident_id AS incident_id
FROM spread
INNER JOIN
(
    SELECT incident_id, title, confidence, status, severity, claim FROM posko.incidents WHERE incident_id IN (SELECT incident_id FROM spread)
) AS incidents USING (incident_id)
ORDER BY told DESC, incident_id
