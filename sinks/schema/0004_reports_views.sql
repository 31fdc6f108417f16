-- What people select from. FINAL drops a message stored twice; the filter drops an id that another scope received first.
CREATE VIEW IF NOT EXISTS posko.reports AS
SELECT *
FROM posko.reports_rows FINAL
WHERE position NOT IN (SELECT position FROM posko.superseded)
SETTINGS do_not_merge_across_partitions_select_final = 1;

-- Each accepted message is one row of `reports` or one row of `resends`.
CREATE VIEW IF NOT EXISTS posko.resends AS
SELECT *
FROM posko.resends_rows FINAL
UNION ALL
SELECT
    report_id, incident_id, true AS conflict, content, category, text, regency, district, reporter_id, channel,
    reported_at, received_at, stored_at, source_partition, source_offset
FROM posko.reports_rows FINAL
WHERE position IN (SELECT position FROM posko.superseded);
