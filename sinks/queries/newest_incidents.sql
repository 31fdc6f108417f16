-- id: Insiden apa yang paling baru?
-- en: Which incidents are the newest?
-- param limit = 20: rows at most
-- param regency = '': only this kabupaten/kota (code); empty for all
SELECT
    opened_at, incident_id, status, category, severity, title, place_name, regency, reports, reporters, institutions, lead_agency,
    ack_due, lat, lng
FROM posko.incidents
WHERE {regency:String} = '' OR regency = {regency:String}
ORDER BY opened_at DESC, incident_id
LIMIT {limit:UInt32}
