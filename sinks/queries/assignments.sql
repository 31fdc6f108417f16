-- id: Laporan mana masuk insiden mana, dan kapan tersimpan?
-- en: Which report belongs to which incident, and when was it stored (milliseconds since 1970)?
SELECT report_id, incident_id, toUnixTimestamp64Milli(stored_at) AS stored_ms
FROM posko.reports
ORDER BY received_at, source_partition, source_offset
