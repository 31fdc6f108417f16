-- id: Kecamatan mana yang logistiknya belum beres, dan kapan batasnya?
-- en: In which kecamatan are supplies not where they should be, since when, and when is the earliest deadline?
SELECT
    waiting.name AS name, parents.name AS regency_name, open, critical, since, minutes_left, waiting.code AS code, waiting.regency AS regency
FROM
(
    SELECT
        code, name, parent AS regency, count() AS open, countIf(severity >= 4) AS critical, min(opened_at) AS since,
        dateDiff('minute', now64(3), min(resolve_due)) AS minutes_left
    FROM
    (
        SELECT if(district != '', district, regency) AS code, severity, opened_at, resolve_due
        FROM posko.incidents
        WHERE category = 'logistics' AND status NOT IN ('resolved', 'rejected') AND regency != ''
            AND $__conditionalAll(regency IN (${kabupaten:singlequote}), $kabupaten)
    ) AS incidents
    INNER JOIN (SELECT code, name, parent FROM posko.regions WHERE level IN ('regency', 'district')) AS place USING (code)
    GROUP BY code, name, parent
) AS waiting
LEFT JOIN (SELECT code, name FROM posko.regions WHERE level IN ('province', 'regency')) AS parents ON parents.code = waiting.regency
ORDER BY critical DESC, minutes_left, open DESC
LIMIT 25
