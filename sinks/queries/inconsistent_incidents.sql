-- id: Insiden mana yang jumlah laporannya tidak cocok dengan laporan yang tersimpan?
-- en: Which incidents count other reports than are stored for them?
SELECT incident_id, counted, stored
FROM
(
    SELECT incident_id, sum(counted) AS counted, sum(stored) AS stored
    FROM
    (
        SELECT incident_id, toInt64(reports) AS counted, toInt64(0) AS stored FROM posko.incidents
        UNION ALL
        SELECT now_incident, toInt64(0), toInt64(count()) FROM posko.reports_placed GROUP BY now_incident
    )
    GROUP BY incident_id
)
WHERE counted != stored
ORDER BY incident_id
LIMIT 1000
