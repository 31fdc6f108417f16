-- id: Kecamatan mana paling berat?
-- en: How is each kecamatan of the chosen kabupaten/kota: critical, open, held by nobody, overdue?
SELECT place.name AS name, critical, open, unheld, overdue, latest, code, place.parent AS regency
FROM
(
    SELECT
        district AS code, countIf(severity >= 4) AS critical, count() AS open, countIf(waits) AS unheld,
        countIf(resolve_due < now64(3) OR (waits AND ack_due < now64(3))) AS overdue, max(updated_at) AS latest
    FROM
    (
        SELECT district, severity, resolve_due, ack_due, updated_at, status IN ('new', 'reopened') AS waits
        FROM posko.incidents
        WHERE status NOT IN ('resolved', 'rejected') AND district != ''
            AND $__conditionalAll(regency IN (${kabupaten:singlequote}), $kabupaten)
            AND $__conditionalAll(district IN (${kecamatan:singlequote}), $kecamatan)
    )
    GROUP BY district
) AS incidents
INNER JOIN (SELECT code, name, parent FROM posko.regions WHERE level = 'district') AS place USING (code)
ORDER BY critical DESC, open DESC, code
LIMIT 60
