-- Messages that are no reports, with their bytes unchanged, and messages of the pipeline that the sink could not store.
CREATE TABLE IF NOT EXISTS posko.rejected_rows
(
    topic LowCardinality(String),
    partition UInt32,
    offset UInt64,
    received_at DateTime64(3, 'UTC'),
    reason LowCardinality(String),
    field LowCardinality(String),
    detail String,
    key Nullable(String),
    raw Nullable(String) CODEC(ZSTD(1)),
    stored_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree
ORDER BY (topic, partition, offset)
SETTINGS index_granularity = 256;

CREATE VIEW IF NOT EXISTS posko.rejected AS
SELECT * FROM posko.rejected_rows FINAL;

-- The regions of the configured area; replaced as a whole when they change, which `digest` shows.
CREATE TABLE IF NOT EXISTS posko.regions
(
    code String,
    level LowCardinality(String),
    name String,
    parent String,
    lat Nullable(Float64),
    lng Nullable(Float64),
    tps Nullable(UInt32),
    tps_exact Bool,
    digest String
)
ENGINE = MergeTree
ORDER BY code;
