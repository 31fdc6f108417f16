-- id: Kecamatan mana yang logistiknya belum beres?
-- en: In which kecamatan are logistics incidents not resolved, and since when?
-- param limit = 1000: rows at most, the most severe first
SELECT regency, district, name, incidents, severity, since, next_due, reports
FROM
(
    SELECT
        regency,
        district,
        count() AS incidents,
        max(severity) AS severity,
        min(first_at) AS since,
        min(resolve_due) AS next_due,
        sum(incidents.reports) AS reports
    FROM posko.incidents AS incidents
    WHERE category = 'logistics' AND status NOT IN ('resolved', 'rejected')
    GROUP BY regency, district
    ORDER BY severity DESC, incidents DESC, district
    LIMIT {limit:UInt32}
) AS counted
LEFT JOIN (SELECT code, name FROM posko.regions WHERE level = 'district') AS places ON places.code = counted.district
ORDER BY severity DESC, incidents DESC, district
