-- id: Seberapa cepat hoaks menyebar?
-- en: How many reports of hoaxes arrive, and from how many kabupaten/kota, over time?
SELECT $__timeInterval(minute) AS time, sum(reports) AS reports, uniqExact(regency) AS regencies
FROM posko.reports_by_minute
WHERE $__timeFilter(minute) AND category = 'hoax' AND $__conditionalAll(regency IN (${kabupaten:singlequote}), $kabupaten)
GROUP BY time
ORDER BY time WITH FILL FROM toStartOfInterval($__fromTime, INTERVAL $__interval_s second) TO $__toTime STEP $__interval_s
