-- id: TPS mana yang bermasalah?
-- en: Which TPS of the chosen area have open incidents, of what kind, how severe?
SELECT
    concat('TPS ', toString(toUInt32OrZero(splitByChar('/', tps)[2])), ', ', place.name) AS name, tps, count() AS open, max(severity) AS worst,
    arrayStringConcat(arraySort(groupUniqArray(transform(toString(category), ['logistics', 'security', 'hoax', 'asn_neutrality'],
        ['Logistik', 'Keamanan', 'Hoaks', 'Netralitas ASN'], toString(category)))), ', ') AS what, max(updated_at) AS latest
FROM
(
    SELECT tps, splitByChar('/', tps)[1] AS code, severity, category, updated_at
    FROM posko.incidents
    WHERE status NOT IN ('resolved', 'rejected') AND tps != '' AND $__conditionalAll(regency IN (${kabupaten:singlequote}), $kabupaten)
        AND $__conditionalAll(district IN (${kecamatan:singlequote}), $kecamatan)
) AS incidents
LEFT JOIN (SELECT code, name FROM posko.regions WHERE level = 'village') AS place USING (code)
GROUP BY tps, place.name
ORDER BY worst DESC, open DESC, tps
LIMIT 40
