-- id: Di mana yang terbakar?
-- en: Where are the open incidents: one point a kecamatan (or kabupaten where no kecamatan is known), with how many and how severe?
SELECT
    place.name AS name, any(place.lat) AS lat, any(place.lng) AS lng, code, any(place.parent) AS parent,
    count() AS open, countIf(severity >= 4) AS critical, max(severity) AS worst
FROM
(
    SELECT if(district != '', district, regency) AS code, severity
    FROM posko.incidents
    WHERE status NOT IN ('resolved', 'rejected') AND regency != ''
        AND $__conditionalAll(regency IN (${kabupaten:singlequote}), $kabupaten)
) AS incidents
INNER JOIN (SELECT code, name, lat, lng, parent FROM posko.regions WHERE level IN ('district', 'regency') AND lat IS NOT NULL) AS place USING (code)
GROUP BY code, name
ORDER BY worst, open
