-- id: Di mana?
-- en: Where are the open incidents of one category, one point a kecamatan or kabupaten?
SELECT
    replaceOne(place.name, 'Kabupaten ', 'Kab. ') AS name, place.lat AS lat, place.lng AS lng, code, substring(code, 1, 5) AS regency, open, critical, worst
FROM
(
    SELECT if(district != '', district, regency) AS code, count() AS open, countIf(severity >= 4) AS critical, max(severity) AS worst
    FROM posko.incidents
    WHERE status NOT IN ('resolved', 'rejected') AND regency != '' AND category = '${kategori:raw}'
        AND $__conditionalAll(regency IN (${kabupaten:singlequote}), $kabupaten)
    GROUP BY code
) AS incidents
INNER JOIN (SELECT code, name, lat, lng, parent FROM posko.regions WHERE level IN ('district', 'regency') AND lat IS NOT NULL) AS place USING (code)
ORDER BY worst, open, code
