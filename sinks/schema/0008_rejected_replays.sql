-- Where the program was when it failed on a message (reason `internal_error`); '' for all others.
ALTER TABLE posko.rejected_rows ADD COLUMN IF NOT EXISTS traceback String CODEC(ZSTD(1));

CREATE OR REPLACE VIEW posko.rejected AS
SELECT * FROM posko.rejected_rows FINAL;

-- Which rejected messages were sent again (posko rejected replay). `step`: 1 is about to be sent, and is to be looked for in Kafka
-- from `to_offset` on when the command did not get further; 2 is sent, to `to_offset`; 3 never arrived.
-- It does not come from Kafka, so `posko rebuild` leaves it alone.
CREATE TABLE IF NOT EXISTS posko.replayed_rows
(
    topic LowCardinality(String),
    partition UInt32,
    offset UInt64,
    run String,
    step UInt8,
    to_partition UInt32,
    to_offset UInt64,
    at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree(step)
ORDER BY (topic, partition, offset, run);

CREATE VIEW IF NOT EXISTS posko.replayed AS
SELECT topic, partition, offset, run, to_partition, to_offset, at
FROM posko.replayed_rows FINAL
WHERE step = 2;
