"""The kinds of tables that the schema is made of work over the endpoint, and are there again after a restart."""

from __future__ import annotations

SCHEMA = """
CREATE DATABASE IF NOT EXISTS posko;
CREATE TABLE posko.feed (id UInt32, category LowCardinality(String), at DateTime64(3, 'UTC'), raw String) ENGINE = Null;
CREATE TABLE posko.latest (id UInt32, category LowCardinality(String), version UInt64)
    ENGINE = ReplacingMergeTree(version) ORDER BY id;
CREATE MATERIALIZED VIEW posko.feed_latest TO posko.latest
    AS SELECT id, category, toUInt64(toUnixTimestamp64Milli(at)) AS version FROM posko.feed;
CREATE TABLE posko.hourly (category LowCardinality(String), hour DateTime, reports AggregateFunction(uniq, UInt32))
    ENGINE = AggregatingMergeTree ORDER BY (category, hour);
CREATE MATERIALIZED VIEW posko.feed_hourly TO posko.hourly
    AS SELECT category, toStartOfHour(at) AS hour, uniqState(id) AS reports FROM posko.feed GROUP BY category, hour;
CREATE VIEW posko.current AS SELECT id, category FROM posko.latest FINAL;
CREATE TABLE posko.consumed (topic String, partition UInt32, next_offset UInt64)
    ENGINE = ReplacingMergeTree(next_offset) ORDER BY (topic, partition)
"""
ROWS = b"""{"id":1,"category":"logistics","at":"2024-11-27 07:01:00.000","raw":"x"}
{"id":1,"category":"security","at":"2024-11-27 07:02:00.000","raw":"x"}
{"id":2,"category":"logistics","at":"2024-11-27 08:02:00.000","raw":"x"}
"""


def test_views_and_merging_tables_survive_a_restart(make_engine):
    engine = make_engine().start()
    for statement in SCHEMA.split(";"):
        engine.client().command(statement)
    insert = {"table": "posko.feed", "insert_block": ROWS, "fmt": "JSONEachRow"}
    engine.client().raw_insert(**insert)

    def seen() -> list[list[tuple[object, ...]]]:
        client = engine.reader(database="posko")
        hourly = "SELECT category, uniqMerge(reports) FROM hourly GROUP BY category ORDER BY category"
        return [client.query(q).result_rows for q in ("SELECT * FROM current ORDER BY id", hourly)]

    expected = [[(1, "security"), (2, "logistics")], [("logistics", 2), ("security", 1)]]
    assert seen() == expected
    assert engine.stop() == 0
    engine.start()
    assert seen() == expected
    engine.client().raw_insert(**insert)  # repeated: the same rows again
    engine.client().command("OPTIMIZE TABLE posko.latest FINAL")
    assert seen() == expected


def test_schema_changes_work(engine):
    client = engine.client(database="posko")
    client.command("CREATE OR REPLACE TABLE m (a UInt32) ENGINE = MergeTree ORDER BY a")
    client.command("INSERT INTO m VALUES (1), (2)")
    client.command("ALTER TABLE m ADD COLUMN b String DEFAULT 'x'")
    client.command("ALTER TABLE m DELETE WHERE a = 1", settings={"mutations_sync": 2})
    assert client.query("SELECT a, b FROM m").result_rows == [(2, "x")]
    client.command("RENAME TABLE m TO renamed")
    client.command("DROP TABLE renamed SYNC")
    assert client.command("EXISTS TABLE renamed") == 0
