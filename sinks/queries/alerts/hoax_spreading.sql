-- id: Apakah satu klaim menyebar jauh lebih cepat dari biasanya?
-- en: Of each claim told in the last three hours: the reports of the last 15 minutes, where these are at least 8 and three times its usual number; else 0?
SELECT
    incident_id AS insiden,
    if(recent >= 8 AND recent > 3 * usual, recent, 0) AS value
FROM
(
    SELECT incident_id, countIf(received_at > now64(3) - INTERVAL 15 MINUTE) AS recent,
        countIf(received_at <= now64(3) - INTERVAL 15 MINUTE) / 11 AS usual
    FROM posko.reports
    WHERE category = 'hoax' AND received_at > now64(3) - INTERVAL 3 HOUR
    GROUP BY incident_id
    UNION ALL
    SELECT '-', 0, 0
)
ORDER BY value DESC, insiden
LIMIT 100
