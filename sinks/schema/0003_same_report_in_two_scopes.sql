-- Streams know a report_id within its scope only. The same id sent again with another place comes out of two scopes as two reports.
-- So the sink first claims each id (report_ids), then notes every claim that is not the first (superseded), and only then stores the
-- rows: at no moment, and with any number of sinks, can a select on `reports` show an id twice. The first one received wins.
-- `claim` marks the ids of one batch, so that looking them up is a short query; small granules keep that lookup cheap.
CREATE TABLE IF NOT EXISTS posko.report_ids
(
    report_id UUID,
    received_at DateTime64(3, 'UTC'),
    source_partition UInt32,
    source_offset UInt64,
    claim UInt64
)
ENGINE = ReplacingMergeTree
ORDER BY (report_id, received_at, source_partition, source_offset)
SETTINGS index_granularity = 512;

CREATE TABLE IF NOT EXISTS posko.superseded
(
    report_id String,
    received_at DateTime64(3, 'UTC'),
    source_partition UInt32,
    source_offset UInt64,
    position UInt64 MATERIALIZED bitOr(bitShiftLeft(toUInt64(source_partition), 44), source_offset)
)
ENGINE = ReplacingMergeTree
ORDER BY (source_partition, source_offset);
