-- id: Kecamatan mana paling berat?
-- en: How is each kecamatan of the chosen kabupaten/kota: critical, open, held by nobody, overdue?
SELECT
    place.name AS name, countIf(severity >= 4) AS critical, count() AS open, countIf(waits) AS unheld,
    countIf(resolve_due < now64(3) OR (waits AND ack_due < now64(3))) AS overdue, max(updated_at) AS latest, code, any(place.parent) AS regency
FROM
(
    SELECT district AS code, severity, resolve_due, ack_due, updated_at, status IN ('new', 'reopened') AS waits
    FROM posko.incidents
    WHERE status NOT IN ('resolved', 'rejected') AND district != '' AND $__conditionalAll(regency IN (${kabupaten:singlequote}), $kabupaten)
        AND $__conditionalAll(district IN (${kecamatan:singlequote}), $kecamatan)
) AS incidents
INNER JOIN (SELECT code, name, parent FROM posko.regions WHERE level = 'district') AS place USING (code)
GROUP BY code, name
ORDER BY critical DESC, open DESC, code
LIMIT 60
