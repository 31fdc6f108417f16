-- id: Berapa laporan masuk, dan tentang apa?
-- en: How many reports arrive over time, by category?
SELECT
    $__timeInterval(minute) AS time,
    sumIf(reports, category = 'logistics') AS logistics,
    sumIf(reports, category = 'security') AS security,
    sumIf(reports, category = 'hoax') AS hoax,
    sumIf(reports, category = 'asn_neutrality') AS asn_neutrality
FROM posko.reports_by_minute
WHERE $__timeFilter(minute) AND $__conditionalAll(regency IN (${kabupaten:singlequote}), $kabupaten)
GROUP BY time
ORDER BY time WITH FILL FROM toStartOfInterval($__fromTime, INTERVAL $__interval_s second) TO $__toTime STEP $__interval_s
