"""Nobody reaches files or other machines through SQL, and the dashboards' user changes nothing."""

from __future__ import annotations

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError

OUTSIDE = [
    "SELECT file('/etc/passwd')",
    "SELECT FILE('/etc/passwd')",
    "SELECT `file`('/etc/passwd')",
    r"SELECT `fi\x6ce`('/etc/passwd')",
    "SELECT/**/file/**/('/etc/passwd')",
    "SELECT arrayMap(x -> file(x), ['/etc/passwd'])",
    "SELECT COLUMNS('path') APPLY(x -> file(x)) FROM (SELECT '/etc/passwd' AS path)",
    "SELECT COLUMNS('path') APPLY file FROM (SELECT '/etc/passwd' AS path)",
    "WITH (SELECT file('/etc/passwd')) AS a SELECT a",
    "EXPLAIN SELECT file('/etc/passwd')",
    "SHOW TABLES WHERE file('/etc/passwd') != ''",
    "SELECT * FROM eval('SELECT file(\\'/etc/passwd\\')')",
    "SELECT * FROM file('/etc/passwd', 'LineAsString')",
    "DESCRIBE TABLE file('/etc/passwd')",
    "SELECT * FROM fileCluster('default', '/etc/passwd', 'LineAsString')",
    "SELECT * FROM filesystem('/etc')",
    "SELECT * FROM `/etc/passwd`",
    "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')",
    "SELECT * FROM s3('http://127.0.0.1:1/bucket/key', 'CSV', 'a String')",
    "SELECT * FROM remote('127.0.0.1:1', system.one)",
    "SELECT * FROM executable('id', 'CSV', 'a String')",
    "SELECT * FROM Python(engine)",
    "SELECT * FROM sqlite('/tmp/x', 'y')",
    "SELECT * FROM postgresql('127.0.0.1:1', 'd', 't', 'u', 'p')",
    "SELECT 1 INTO OUTFILE '/tmp/out'",
    "SELECT 1 INTO OUTFILE '/tmp/out' TRUNCATE FORMAT CSV",
    "SELECT 1 SETTINGS additional_table_filters = {'system.one': 'file(''/etc/passwd'') = 1'}",
    "SELECT 1; SELECT file('/etc/passwd')",
    "SELECT “file”('/etc/passwd')",
]
WRITES = [
    "INSERT INTO posko.s VALUES (1)",
    "INSERT INTO posko.s SELECT 1",
    "INSERT INTO posko.s FORMAT CSV\n1\n",
    "CREATE TABLE posko.n (a UInt8) ENGINE = Memory",
    "CREATE TEMPORARY TABLE n (a UInt8)",
    "CREATE DATABASE d",
    "CREATE FUNCTION f AS x -> x",
    "CREATE USER u",
    "GRANT full TO default",
    "DROP TABLE posko.s",
    "TRUNCATE TABLE posko.s",
    "ALTER TABLE posko.s DELETE WHERE 1",
    "OPTIMIZE TABLE posko.s FINAL",
    "SYSTEM FLUSH LOGS",
    "SYSTEM STOP MERGES",
    "KILL QUERY WHERE 1",
    "SET readonly = 0",
    "SET max_threads = 1",
    "SET ROLE full",
    "SELECT 1; SET ROLE full",
    "SELECT 1 SETTINGS readonly = 0",
    "SELECT 1 SETTINGS max_memory_usage = 100000000000",
    "SELECT 1 SETTINGS max_execution_time = 0",
    "SELECT addressToLine(1) SETTINGS allow_introspection_functions = 1",
    "BACKUP TABLE posko.s TO Disk('default', 'x')",
    "EXECUTE AS default SELECT 1",
    "SELECT 1 PARALLEL WITH DROP TABLE posko.s",
]
DICTIONARY = "CREATE DICTIONARY posko.f (a UInt64) PRIMARY KEY a"
REFUSED = {36, 60, 62, 164, 452, 497}


@pytest.fixture
def table(engine) -> str:
    engine.post(b"CREATE OR REPLACE TABLE posko.s (a UInt8) ENGINE = MergeTree ORDER BY a")
    engine.post(b"INSERT INTO posko.s VALUES (42)")
    return "posko.s"


@pytest.mark.parametrize("query", OUTSIDE)
@pytest.mark.parametrize("who", ["full", "reader"])
def test_sql_stays_inside_the_database(engine, who, query):
    client = engine.client() if who == "full" else engine.reader()
    with pytest.raises(DatabaseError) as caught:
        client.command(query)
    assert caught.value.code in REFUSED
    assert "root:" not in str(caught.value)


@pytest.mark.parametrize(
    "query",
    [
        "INSERT INTO posko.s FROM INFILE '/etc/passwd' FORMAT CSV",
        "INSERT INTO FUNCTION file('/tmp/out', 'CSV', 'a UInt8') VALUES (1)",
        "CREATE TABLE posko.f (a String) ENGINE = File(CSV, '/etc/passwd')",
        "CREATE TABLE posko.f (a String) ENGINE = File('LineAsString')",
        "CREATE VIEW posko.f AS SELECT file('/etc/passwd') AS a",
        "CREATE FUNCTION readfile AS x -> file(x)",
        f"{DICTIONARY} SOURCE(FILE(path '/etc/passwd' format 'CSV')) LAYOUT(FLAT()) LIFETIME(1)",
        f"{DICTIONARY} SOURCE(EXECUTABLE(command 'id' format 'CSV')) LAYOUT(FLAT()) LIFETIME(1)",
        "BACKUP TABLE posko.s TO File('/tmp/backup')",
    ],
)
def test_the_full_user_cannot_plant_a_way_out(engine, table, query):
    with pytest.raises(DatabaseError) as caught:
        engine.client().command(query)
    assert caught.value.code in REFUSED


@pytest.mark.parametrize("query", WRITES)
def test_the_reader_changes_nothing(engine, table, query):
    body = query.encode()
    headers = {"X_ClickHouse_User": "dashboard", "X_ClickHouse_Key": "reader"}
    status, answer, _ = engine.post(body, **headers)
    assert status >= 400
    assert int(answer["X-ClickHouse-Exception-Code"]) in REFUSED
    assert engine.post(b"SELECT sum(a), count() FROM posko.s")[2] == b"42\t1\n"


@pytest.mark.parametrize(
    "setting", ["readonly=0", "max_memory_usage=100000000000", "dialect=prql", "max_query_size=99999999"]
)
def test_the_reader_cannot_lift_limits_in_the_url(engine, setting):
    headers = {"X_ClickHouse_User": "dashboard", "X_ClickHouse_Key": "reader"}
    status, answer, _ = engine.post(b"SELECT 1", f"/?{setting}", **headers)
    assert (status, int(answer["X-ClickHouse-Exception-Code"]) in REFUSED) == (500, True)


def test_the_reader_reads(engine, table):
    client = engine.reader(database="posko")
    assert client.query("SELECT a FROM s WHERE a = {a:UInt8}", parameters={"a": 42}).result_rows == [(42,)]
    assert client.query("SELECT a FROM s SETTINGS max_threads = 1").result_rows == [(42,)]
    assert ("s",) in client.query("SHOW TABLES").result_rows
    assert client.query("SELECT count() FROM system.columns WHERE table = 's'").result_rows == [(1,)]
    assert client.command("SELECT profile FROM (SELECT 'the word file (not the function)' AS profile)")


@pytest.mark.parametrize("table", ["processes", "stack_trace"])
def test_the_reader_sees_nobody_elses_queries(engine, table):
    assert engine.client().command(f"SELECT count() > 0 FROM system.{table}") == 1
    assert engine.reader().command(f"SELECT count() FROM system.{table}") == 0
    assert engine.reader().command(f"SELECT count() FROM merge('system', '^{table}$')") == 0
    assert engine.reader().command(f"SELECT count() FROM view(SELECT * FROM system.{table})") == 0
    assert engine.reader().query("SHOW PROCESSLIST").result_rows == []
    with pytest.raises(DatabaseError) as caught:
        engine.reader().command(f"SELECT count() FROM loop(system.{table})")
    assert caught.value.code == 497


def test_passwords_are_in_no_file_of_the_engine(engine):
    engine.client()
    for path in (engine.folder / "clickhouse").rglob("*.xml"):
        assert "pass" not in path.read_text().replace("no_password", "")
    assert "full pass" not in engine.log()
