-- The known claim that most reports of an incident repeat, with its verdict: a JSON object, {} without one.
ALTER TABLE posko.incidents_rows
    ADD COLUMN IF NOT EXISTS claim String DEFAULT '{}' CODEC(ZSTD(1));

CREATE OR REPLACE VIEW posko.incidents AS
SELECT * FROM posko.incidents_rows FINAL;
