-- id: Apakah satu kabupaten/kota tiba-tiba diam?
-- en: Each kabupaten/kota: 1 where nothing came in the last 15 minutes though at least four reports a quarter of an hour were usual, and others report; else 0?
WITH (SELECT sum(reports) FROM posko.reports_by_minute WHERE minute > now() - INTERVAL 15 MINUTE) AS everywhere
SELECT
    place.name AS kabupaten,
    if(everywhere > 0 AND sumIf(reports, minute > now() - INTERVAL 15 MINUTE) = 0
        AND sumIf(reports, minute <= now() - INTERVAL 15 MINUTE) >= 32, 1, 0) AS value
FROM (SELECT code, name FROM posko.regions WHERE level = 'regency') AS place
LEFT JOIN (SELECT regency AS code, minute, reports FROM posko.reports_by_minute WHERE minute > now() - INTERVAL 135 MINUTE) AS heard USING (code)
GROUP BY kabupaten
ORDER BY kabupaten
