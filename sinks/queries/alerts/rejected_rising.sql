-- id: Apakah pesan yang ditolak naik tajam?
-- en: By reason: messages rejected in the last 10 minutes, where these are at least 20 and three times the usual number of the hour before; else 0?
SELECT reason AS alasan, if(recent >= 20 AND recent > 3 * usual, recent, 0) AS value
FROM
(
    SELECT toString(reason) AS reason, countIf(received_at > now64(3) - INTERVAL 10 MINUTE) AS recent,
        countIf(received_at <= now64(3) - INTERVAL 10 MINUTE) / 6 AS usual
    FROM posko.rejected
    WHERE received_at > now64(3) - INTERVAL 70 MINUTE
    GROUP BY reason
    UNION ALL
    SELECT '-', 0, 0
)
ORDER BY value DESC, alasan
