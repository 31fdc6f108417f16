-- id: Insiden terbuka mana yang paling banyak dikuatkan pelapor dan lembaga yang berbeda?
-- en: Which open incidents are corroborated by the most different institutions and people?
-- param limit = 20: rows at most
SELECT incident_id, institutions, reporters, reports, severity, status, category, title, place_name, regency, first_at, last_at
FROM posko.incidents
WHERE status NOT IN ('resolved', 'rejected')
ORDER BY institutions DESC, reporters DESC, severity DESC, incident_id
LIMIT {limit:UInt32}
