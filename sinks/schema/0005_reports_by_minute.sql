-- Counts for the panels that show a whole day. A count is a set of positions in Kafka, so that a message stored twice counts once.
CREATE TABLE IF NOT EXISTS posko.reports_by_minute_rows
(
    minute DateTime('UTC'),
    regency LowCardinality(String),
    category LowCardinality(String),
    severity UInt8,
    positions AggregateFunction(groupBitmap, UInt64)
)
ENGINE = AggregatingMergeTree
PARTITION BY toDate(minute)
ORDER BY (minute, regency, category, severity);

CREATE MATERIALIZED VIEW IF NOT EXISTS posko.matched_to_minutes TO posko.reports_by_minute_rows AS
SELECT
    toStartOfMinute(received_at) AS minute,
    regency,
    category,
    severity,
    groupBitmapState(bitOr(bitShiftLeft(toUInt64(source_partition), 44), source_offset)) AS positions
FROM posko.matched_in
WHERE NOT duplicate
GROUP BY minute, regency, category, severity;

CREATE VIEW IF NOT EXISTS posko.reports_by_minute AS
SELECT
    minute,
    regency,
    category,
    severity,
    bitmapAndnotCardinality(groupBitmapMergeState(positions), (SELECT groupBitmapState(position) FROM posko.superseded)) AS reports
FROM posko.reports_by_minute_rows
GROUP BY minute, regency, category, severity
HAVING reports > 0;
