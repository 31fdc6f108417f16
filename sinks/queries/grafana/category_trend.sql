-- id: Bertambah atau berkurang? Insiden baru dan laporan
-- en: New incidents of one category over time: all, and severe ones?
SELECT $__timeInterval(opened_at) AS time, count() AS opened, countIf(severity >= 4) AS critical
FROM posko.incidents
WHERE $__timeFilter(opened_at) AND category = '${kategori:raw}' AND $__conditionalAll(regency IN (${kabupaten:singlequote}), $kabupaten)
GROUP BY time
ORDER BY time WITH FILL FROM toStartOfInterval($__fromTime, INTERVAL $__interval_s second) TO $__toTime STEP $__interval_s
