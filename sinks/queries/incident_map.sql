-- id: Di mana insiden yang masih terbuka?
-- en: Where are the open incidents?
-- param category = '': only this category; empty for all
-- param severity = 1: at least this severity
-- param limit = 2000: points at most, the most severe first
SELECT incident_id, lat, lng, place_m, severity, category, status, title, place_name, reports, reporters, institutions, last_at
FROM posko.incidents
WHERE status NOT IN ('resolved', 'rejected') AND lat IS NOT NULL AND lng IS NOT NULL
    AND ({category:String} = '' OR category = {category:String}) AND severity >= {severity:UInt8}
ORDER BY severity DESC, last_at DESC, incident_id
LIMIT {limit:UInt32}
