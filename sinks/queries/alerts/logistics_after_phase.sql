-- id: Apakah logistik belum beres padahal fase distribusi sudah berakhir?
-- en: In each kabupaten/kota: supply problems that began before the polls opened and are not resolved after the phase they began in?
WITH
    [${fase:raw}] AS phases,
    arrayMap(one -> one.1, arrayFilter(one -> one.1 IN ('distribution', 'opening') AND one.4 < toUnixTimestamp(now()), phases)) AS ended
SELECT place.name AS kabupaten, countIf(incident_id != '') AS value
FROM (SELECT code, name FROM posko.regions WHERE level = 'regency') AS place
LEFT JOIN
(
    SELECT regency AS code, incident_id
    FROM posko.incidents
    WHERE category = 'logistics' AND status NOT IN ('resolved', 'rejected') AND has(ended, phase)
) AS waiting USING (code)
GROUP BY kabupaten
ORDER BY kabupaten
