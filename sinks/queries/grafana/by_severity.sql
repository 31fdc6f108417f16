-- id: Seberapa berat yang masih terbuka?
-- en: How many open incidents are there of each severity?
SELECT
    transform(level, [5, 4, 3, 2, 1], ['5 Darurat', '4 Kritis', '3 Serius', '2 Sedang', '1 Ringan'], '') AS name,
    countIf(incidents.severity = level) AS open
FROM (SELECT severity FROM posko.incidents WHERE status NOT IN ('resolved', 'rejected') AND $__conditionalAll(regency IN (${kabupaten:singlequote}), $kabupaten)) AS incidents
CROSS JOIN (SELECT arrayJoin([5, 4, 3, 2, 1]) AS level) AS levels
GROUP BY level
ORDER BY level DESC
