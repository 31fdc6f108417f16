-- id: Kabupaten/kota mana yang tiba-tiba diam?
-- en: When did each kabupaten/kota last report, and how much less than before is it reporting?
SELECT
    place.name AS name, code, nullIf(max(minute), toDateTime(0, 'UTC')) AS latest,
    if(latest IS NULL, NULL, greatest(0, dateDiff('minute', latest, now()))) AS minutes_silent,
    sumIf(reports, minute > now() - INTERVAL 15 MINUTE) AS last_quarter,
    round(sumIf(reports, minute <= now() - INTERVAL 15 MINUTE) / 8, 1) AS usual_quarter
FROM (SELECT code, replaceOne(name, 'Kabupaten ', 'Kab. ') AS name FROM posko.regions WHERE level = 'regency') AS place
LEFT JOIN
(
    SELECT regency AS code, minute, reports FROM posko.reports_by_minute WHERE minute > now() - INTERVAL 135 MINUTE
) AS heard USING (code)
GROUP BY code, name
ORDER BY last_quarter > 0, usual_quarter DESC, code
