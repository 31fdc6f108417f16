-- id: Kecamatan mana yang logistiknya belum beres?
-- en: In which kecamatan are logistics incidents not resolved, and since when?
SELECT
    regency,
    district,
    any(name) AS name,
    count() AS incidents,
    max(severity) AS severity,
    min(first_at) AS since,
    min(resolve_due) AS next_due,
    sum(reports) AS reports
FROM posko.incidents
LEFT JOIN (SELECT code, name FROM posko.regions WHERE level = 'district') AS places ON places.code = incidents.district
WHERE category = 'logistics' AND status NOT IN ('resolved', 'rejected')
GROUP BY regency, district
ORDER BY severity DESC, incidents DESC, district
