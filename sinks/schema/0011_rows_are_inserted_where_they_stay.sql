-- The sink inserts into each table itself, and only into those that a batch has rows for. An insert into a table that stores nothing, with
-- a view for each part, cost ClickHouse 65 ms of processor time a batch of 400 reports more than this (two cores), most of it for views
-- that had nothing to take.
DROP VIEW IF EXISTS posko.matched_to_reports;
DROP VIEW IF EXISTS posko.matched_to_resends;
DROP VIEW IF EXISTS posko.matched_to_minutes;
DROP TABLE IF EXISTS posko.matched_in;

DROP VIEW IF EXISTS posko.incidents_to_rows;
DROP VIEW IF EXISTS posko.incidents_to_log;
DROP VIEW IF EXISTS posko.incidents_to_notifications;
DROP VIEW IF EXISTS posko.incidents_to_merged;
DROP TABLE IF EXISTS posko.incidents_in;

CREATE MATERIALIZED VIEW IF NOT EXISTS posko.reports_to_minutes TO posko.reports_by_minute_rows AS
SELECT
    toStartOfMinute(received_at) AS minute,
    regency,
    category,
    groupBitmapState(bitOr(bitShiftLeft(toUInt64(source_partition), 44), source_offset)) AS positions
FROM posko.reports_rows
GROUP BY minute, regency, category;
