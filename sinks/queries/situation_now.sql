-- id: Bagaimana situasi tiap kabupaten/kota sekarang?
-- en: How is the situation in each kabupaten/kota now: open incidents, critical ones, overdue ones, recent reports?
-- param minutes = 15: recent means received within this many minutes
-- param critical = 4: severity from which an incident is critical
SELECT
    regency,
    any(region) AS name,
    sum(open) AS open,
    sum(critical) AS critical,
    sum(overdue) AS overdue,
    sum(recent) AS recent_reports
FROM
(
    SELECT
        regency,
        countIf(status NOT IN ('resolved', 'rejected')) AS open,
        countIf(status NOT IN ('resolved', 'rejected') AND severity >= {critical:UInt8}) AS critical,
        countIf((status IN ('new', 'reopened') AND ack_due < now64(3)) OR (status NOT IN ('resolved', 'rejected') AND resolve_due < now64(3)))
            AS overdue,
        0 AS recent
    FROM posko.incidents
    GROUP BY regency
    UNION ALL
    SELECT regency, 0, 0, 0, sum(reports)
    FROM posko.reports_by_minute
    WHERE minute > now() - toIntervalMinute({minutes:UInt32})
    GROUP BY regency
) AS counted
LEFT JOIN (SELECT code, name AS region FROM posko.regions WHERE level = 'regency') AS places ON places.code = counted.regency
GROUP BY regency
ORDER BY critical DESC, open DESC, regency
