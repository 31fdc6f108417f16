-- Messages of `incidents`: each is the incident's full state, with its log as JSON.
CREATE TABLE IF NOT EXISTS posko.incidents_in
(
    incident_id String,
    scope LowCardinality(String),
    status LowCardinality(String),
    category LowCardinality(String),
    kind LowCardinality(String),
    title String,
    severity UInt8,
    phase LowCardinality(String),
    vulnerability LowCardinality(String),
    province LowCardinality(String),
    regency LowCardinality(String),
    district LowCardinality(String),
    village LowCardinality(String),
    tps String,
    lat Nullable(Float64),
    lng Nullable(Float64),
    place_m Nullable(Float64),
    place_name String,
    reports UInt32,
    reporters UInt32,
    institutions UInt32,
    first_at DateTime64(3, 'UTC'),
    last_at DateTime64(3, 'UTC'),
    opened_at DateTime64(3, 'UTC'),
    updated_at DateTime64(3, 'UTC'),
    lead_agency LowCardinality(String),
    support_agencies Array(LowCardinality(String)),
    assigned_to String,
    ack_due Nullable(DateTime64(3, 'UTC')),
    resolve_due Nullable(DateTime64(3, 'UTC')),
    escalation UInt8,
    suggested String,
    version UInt64,
    log String
)
ENGINE = Null;

-- The state with the highest version stays; the same version stored twice is the same state.
CREATE TABLE IF NOT EXISTS posko.incidents_rows
(
    incident_id String,
    status LowCardinality(String),
    category LowCardinality(String),
    kind LowCardinality(String),
    title String,
    severity UInt8,
    province LowCardinality(String),
    regency LowCardinality(String),
    district LowCardinality(String),
    village LowCardinality(String),
    tps String,
    lat Nullable(Float64),
    lng Nullable(Float64),
    place_m Nullable(Float32),
    place_name String,
    reports UInt32,
    reporters UInt32,
    institutions UInt32,
    first_at DateTime64(3, 'UTC'),
    last_at DateTime64(3, 'UTC'),
    opened_at DateTime64(3, 'UTC'),
    updated_at DateTime64(3, 'UTC'),
    lead_agency LowCardinality(String),
    support_agencies Array(LowCardinality(String)),
    assigned_to String,
    ack_due Nullable(DateTime64(3, 'UTC')),
    resolve_due Nullable(DateTime64(3, 'UTC')),
    escalation UInt8,
    suggested String CODEC(ZSTD(1)),
    scope LowCardinality(String),
    phase LowCardinality(String),
    vulnerability LowCardinality(String),
    version UInt64,
    stored_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree(version)
ORDER BY incident_id
SETTINGS index_granularity = 1024;

CREATE MATERIALIZED VIEW IF NOT EXISTS posko.incidents_to_rows TO posko.incidents_rows AS
SELECT * EXCEPT (log)
FROM posko.incidents_in;

CREATE VIEW IF NOT EXISTS posko.incidents AS
SELECT * FROM posko.incidents_rows FINAL;

-- Every state repeats the whole log, so that nothing is missing when older states are compacted away in Kafka.
CREATE TABLE IF NOT EXISTS posko.incident_log_rows
(
    incident_id String,
    seq UInt32,
    at DateTime64(3, 'UTC'),
    actor String,
    action LowCardinality(String),
    detail String,
    version UInt64,
    stored_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree
ORDER BY (incident_id, seq)
SETTINGS index_granularity = 1024;

CREATE MATERIALIZED VIEW IF NOT EXISTS posko.incidents_to_log TO posko.incident_log_rows AS
SELECT
    incident_id,
    entry.seq AS seq,
    fromUnixTimestamp64Milli(entry.at, 'UTC') AS at,
    entry.actor AS actor,
    entry.action AS action,
    entry.detail AS detail,
    entry.version AS version
FROM posko.incidents_in
ARRAY JOIN JSONExtract(log, 'Array(Tuple(seq UInt32, at Int64, actor String, action String, detail String, version UInt64))') AS entry;

CREATE VIEW IF NOT EXISTS posko.incident_log AS
SELECT * FROM posko.incident_log_rows FINAL;
