-- id: Klaim hoaks mana yang paling luas, dan apa putusannya?
-- en: Which claims were told most in this time, in how many kabupaten/kota, and what is the verdict?
WITH
    spread AS
    (
        SELECT incident_id, count() AS told, uniqExactIf(regency, regency != '') AS regencies
        FROM posko.reports
        WHERE $__timeFilter(received_at) AND category = 'hoax' AND $__conditionalAll(regency IN (${kabupaten:singlequote}), $kabupaten)
        GROUP BY incident_id
        ORDER BY told DESC, incident_id
        LIMIT 5
    )
SELECT
    incidents.title AS title, spread.told AS told, spread.regencies AS regencies,
    multiIf(incidents.status = 'rejected', 'bukan hoaks', incidents.confidence = 'verified', 'hoaks, terverifikasi', incidents.status = 'resolved', 'sudah dijawab', 'belum diputus')
        AS verdict,
    incidents.incident_id AS incident_id
FROM spread
INNER JOIN
(
    SELECT incident_id, title, confidence, status FROM posko.incidents WHERE incident_id IN (SELECT incident_id FROM spread)
) AS incidents USING (incident_id)
ORDER BY told DESC, incident_id
