-- Where the sink goes on after a restart. Written after the rows it stands for, so that a crash in between only repeats rows,
-- and repeated rows collapse. The largest offset of the current generation counts: a sink that slept and writes late is harmless.
CREATE TABLE IF NOT EXISTS posko.consumed
(
    generation UInt32,
    topic LowCardinality(String),
    partition UInt32,
    next_offset UInt64,
    at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree(next_offset)
ORDER BY (generation, topic, partition);

-- One row a step of `posko rebuild`: `emptying` (sinks wait), then `filling` (sinks start from the beginning of Kafka).
CREATE TABLE IF NOT EXISTS posko.rebuilds
(
    generation UInt32,
    state Enum8('emptying' = 1, 'filling' = 2),
    at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = MergeTree
ORDER BY (generation, state);
