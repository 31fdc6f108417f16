-- Messages of `reports.matched`. Nothing is stored here: the sink inserts once, and each view below takes its part of the block.
CREATE TABLE IF NOT EXISTS posko.matched_in
(
    report_id String,
    incident_id String,
    match LowCardinality(String),
    score Float64,
    reasons String,
    duplicate Bool,
    conflict Bool,
    category LowCardinality(String),
    kind LowCardinality(String),
    text String,
    severity UInt8,
    province LowCardinality(String),
    regency LowCardinality(String),
    district LowCardinality(String),
    village LowCardinality(String),
    tps String,
    place_name String,
    place_by LowCardinality(String),
    place_m Nullable(Float64),
    lat Nullable(Float64),
    lng Nullable(Float64),
    reporter_id String,
    role LowCardinality(String),
    institution LowCardinality(String),
    channel LowCardinality(String),
    occurred_at Nullable(DateTime64(3, 'UTC')),
    reported_at DateTime64(3, 'UTC'),
    received_at DateTime64(3, 'UTC'),
    scope LowCardinality(String),
    phase LowCardinality(String),
    vulnerability LowCardinality(String),
    marks Array(LowCardinality(String)),
    lead_agency LowCardinality(String),
    support_agencies Array(LowCardinality(String)),
    ack_minutes Nullable(UInt32),
    resolve_minutes Nullable(UInt32),
    attachments String,
    extra String,
    content String,
    source_partition UInt32,
    source_offset UInt64
)
ENGINE = Null;

-- Sorted by arrival: a question about a stretch of time reads only that stretch, and the same message stored twice is next to itself,
-- so that FINAL compares neighbours only. Stored again it has the same key and the same partition.
CREATE TABLE IF NOT EXISTS posko.reports_rows
(
    report_id String CODEC(ZSTD(1)),
    incident_id String CODEC(ZSTD(1)),
    match LowCardinality(String),
    score Float32,
    category LowCardinality(String),
    kind LowCardinality(String),
    text String CODEC(ZSTD(1)),
    severity UInt8,
    province LowCardinality(String),
    regency LowCardinality(String),
    district LowCardinality(String),
    village LowCardinality(String),
    tps String CODEC(ZSTD(1)),
    lat Nullable(Float64),
    lng Nullable(Float64),
    place_name String CODEC(ZSTD(1)),
    place_by LowCardinality(String),
    place_m Nullable(Float32),
    reporter_id String CODEC(ZSTD(1)),
    role LowCardinality(String),
    institution LowCardinality(String),
    channel LowCardinality(String),
    occurred_at Nullable(DateTime64(3, 'UTC')),
    reported_at DateTime64(3, 'UTC'),
    received_at DateTime64(3, 'UTC'),
    stored_at DateTime64(3, 'UTC') DEFAULT now64(3),
    scope LowCardinality(String),
    phase LowCardinality(String),
    vulnerability LowCardinality(String),
    marks Array(LowCardinality(String)),
    lead_agency LowCardinality(String),
    support_agencies Array(LowCardinality(String)),
    ack_minutes Nullable(UInt32),
    resolve_minutes Nullable(UInt32),
    reasons String CODEC(ZSTD(1)),
    attachments String CODEC(ZSTD(1)),
    extra String CODEC(ZSTD(1)),
    content String CODEC(ZSTD(1)),
    source_partition UInt32,
    source_offset UInt64,
    position UInt64 MATERIALIZED bitOr(bitShiftLeft(toUInt64(source_partition), 44), source_offset),
    INDEX by_incident incident_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_report report_id TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = ReplacingMergeTree
PARTITION BY toDate(received_at)
ORDER BY (received_at, source_partition, source_offset)
SETTINGS index_granularity = 4096;

CREATE MATERIALIZED VIEW IF NOT EXISTS posko.matched_to_reports TO posko.reports_rows AS
SELECT * EXCEPT (duplicate, conflict)
FROM posko.matched_in
WHERE NOT duplicate;

-- Every message that repeats a report_id already seen in its scope: who sent what again, and when.
CREATE TABLE IF NOT EXISTS posko.resends_rows
(
    report_id String CODEC(ZSTD(1)),
    incident_id String CODEC(ZSTD(1)),
    conflict Bool,
    content String,
    category LowCardinality(String),
    text String CODEC(ZSTD(1)),
    regency LowCardinality(String),
    district LowCardinality(String),
    reporter_id String,
    channel LowCardinality(String),
    reported_at DateTime64(3, 'UTC'),
    received_at DateTime64(3, 'UTC'),
    stored_at DateTime64(3, 'UTC') DEFAULT now64(3),
    source_partition UInt32,
    source_offset UInt64
)
ENGINE = ReplacingMergeTree
PARTITION BY toDate(received_at)
ORDER BY (received_at, source_partition, source_offset);

CREATE MATERIALIZED VIEW IF NOT EXISTS posko.matched_to_resends TO posko.resends_rows AS
SELECT
    report_id, incident_id, conflict, content, category, text, regency, district, reporter_id, channel, reported_at, received_at,
    source_partition, source_offset
FROM posko.matched_in
WHERE duplicate;
