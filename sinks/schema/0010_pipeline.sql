-- How long reports took, counted in buckets (posko/buckets.py): one row for ten seconds, hop and bucket, however many reports there
-- were. Not filled from Kafka: after a rebuild it stays as it is.
CREATE TABLE IF NOT EXISTS posko.pipeline_rows
(
    at DateTime('UTC'),
    outcome LowCardinality(String),
    hop LowCardinality(String),
    from_ms UInt32,
    most_ms UInt32,
    reports UInt64
)
ENGINE = SummingMergeTree(reports)
PARTITION BY toYYYYMMDD(at)
ORDER BY (at, outcome, hop, from_ms, most_ms)
TTL at + INTERVAL 90 DAY
SETTINGS ttl_only_drop_parts = 1;

CREATE VIEW IF NOT EXISTS posko.pipeline AS
SELECT * FROM posko.pipeline_rows FINAL
SETTINGS do_not_merge_across_partitions_select_final = 1;
