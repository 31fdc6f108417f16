-- id: Apakah pesan yang ditolak bertambah?
-- en: How many messages are rejected over time?
SELECT $__timeInterval(received_at) AS time, count() AS rejected
FROM posko.rejected
WHERE $__timeFilter(received_at)
GROUP BY time
ORDER BY time WITH FILL FROM toStartOfInterval($__fromTime, INTERVAL $__interval_s second) TO $__toTime STEP $__interval_s
