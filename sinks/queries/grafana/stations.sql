-- id: TPS mana yang bermasalah?
-- en: Which TPS of the chosen area have open incidents, of what kind, how severe?
SELECT
    concat('TPS ', toString(toUInt32OrZero(splitByChar('/', tps)[2])), ', ', place.name) AS name, tps, open, worst,
    arrayStringConcat(arraySort(arrayMap(one -> transform(toString(one), ['logistics', 'security', 'hoax', 'asn_neutrality'],
        ['Logistik', 'Keamanan', 'Hoaks', 'Netralitas ASN'], toString(one)), categories)), ', ') AS what, latest
FROM
(
    SELECT
        tps, splitByChar('/', tps)[1] AS code, count() AS open, max(severity) AS worst, groupUniqArray(category) AS categories,
        max(updated_at) AS latest
    FROM posko.incidents
    WHERE status NOT IN ('resolved', 'rejected') AND tps != '' AND $__conditionalAll(regency IN (${kabupaten:singlequote}), $kabupaten)
        AND $__conditionalAll(district IN (${kecamatan:singlequote}), $kecamatan)
    GROUP BY tps
    ORDER BY worst DESC, open DESC, tps
    LIMIT 40
) AS incidents
LEFT JOIN (SELECT code, name FROM posko.regions WHERE level = 'village') AS place USING (code)
ORDER BY worst DESC, open DESC, tps
