"""The unmodified clickhouse-connect client sees a ClickHouse server."""

from __future__ import annotations

import datetime as dt
import gzip
import zlib
from collections.abc import Callable

import cramjam
import lz4.frame
import numpy as np
import pyarrow as pa
import pytest
from backports import zstd
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError, StreamFailureError
from clickhouse_connect.driver.external import ExternalData


@pytest.fixture
def client(engine) -> Client:
    client = engine.client(database="posko")
    client.command("DROP TABLE IF EXISTS t")
    client.command(
        "CREATE TABLE t (a UInt32, b String, c Nullable(Float64), d Array(LowCardinality(String)),"
        " e DateTime64(3, 'UTC'))"
        " ENGINE = MergeTree ORDER BY a"
    )
    return client


def test_rows_come_back_as_they_were_inserted(client):
    at = dt.datetime(2024, 11, 27, 7, 0, 0, 123000)
    rows = [(1, "perahu kandas é\t\n'\\", None, ["x", "y"], at), (2, "", 1.5, [], at)]
    summary = client.insert("t", rows, column_names=list("abcde"))
    assert summary.written_rows == 2
    assert client.query("SELECT * FROM t ORDER BY a").result_rows == rows


@pytest.mark.parametrize(
    "text", ["plain", "tab\tnewline\nreturn\r", "quote ' back\\slash", "é ✓", "", "\\N", "{x:Int8}"]
)
def test_parameters_arrive_unchanged(client, text):
    assert client.query("SELECT {text:String}", parameters={"text": text}).result_rows == [(text,)]


def test_parameters_of_other_types(client):
    rows = client.query(
        "SELECT {n:UInt8} + 1, {l:Array(String)}, {t:DateTime}",
        parameters={"n": 4, "l": ["a'b", "c"], "t": dt.datetime(2024, 11, 27, 7)},
    ).result_rows
    assert rows == [(5, ["a'b", "c"], dt.datetime(2024, 11, 27, 7))]


def test_settings_hold_for_one_request_only(client):
    assert client.query("SELECT getSetting('max_threads')", settings={"max_threads": 3}).result_rows == [(3,)]
    after = client.query("SELECT value, changed FROM system.settings WHERE name = 'max_threads'").result_rows
    assert after != [("3", True)]


def test_numpy_pandas_and_arrow_results(client):
    client.insert("t", [[i, str(i)] for i in range(5)], column_names=["a", "b"])
    assert np.array_equal(client.query_np("SELECT a FROM t ORDER BY a").ravel(), np.arange(5))
    assert client.query_df("SELECT a, b FROM t ORDER BY a")["b"].tolist() == ["0", "1", "2", "3", "4"]
    assert client.query_arrow("SELECT a FROM t ORDER BY a").column("a").to_pylist() == [0, 1, 2, 3, 4]


def test_a_result_larger_than_a_block_streams_in_blocks(client):
    with client.query_row_block_stream("SELECT number FROM numbers(300000)") as blocks:
        sizes = [len(block) for block in blocks]
    assert sum(sizes) == 300_000
    assert len(sizes) > 1


def test_raw_stream_gives_every_byte(client):
    with client.raw_stream("SELECT number FROM numbers(200000)", fmt="CSV") as stream:
        text = stream.read()
    assert text == b"".join(b"%d\n" % number for number in range(200_000))


def test_an_error_in_the_middle_of_a_stream_reaches_the_client(client):
    query = "SELECT throwIf(number = 500000) FROM numbers(1000000) SETTINGS max_block_size = 10000"
    with pytest.raises(StreamFailureError, match=r"Code: 395"), client.query_row_block_stream(query) as blocks:
        for _ in blocks:
            pass


@pytest.mark.parametrize(
    ("query", "code", "name"),
    [
        ("SELECT * FROM nope", 60, "UNKNOWN_TABLE"),
        ("SELECT nope", 47, "UNKNOWN_IDENTIFIER"),
        ("SELEC 1", 62, "SYNTAX_ERROR"),
        ("SELECT throwIf(1)", 395, "FUNCTION_THROW_IF_VALUE_IS_NON_ZERO"),
        ("SELECT 1; SELECT 2", 62, "SYNTAX_ERROR"),
    ],
)
def test_errors_have_clickhouses_code_and_name(client, query, code, name):
    with pytest.raises(DatabaseError, match=rf"(?s)Code: {code}\. DB::Exception: .*{name}") as caught:
        client.query(query)
    assert caught.value.code == code
    assert caught.value.name == name


def test_a_table_missing_from_the_default_database_is_an_unknown_table(engine):
    with pytest.raises(DatabaseError) as caught:
        engine.client().query("SELECT * FROM nope")
    assert caught.value.code == 60


def test_an_unknown_database_is_named(engine):
    with pytest.raises(DatabaseError, match="nowhere") as caught:
        engine.client(database="nowhere")
    assert caught.value.code == 81


def test_a_query_without_rows_has_its_columns(client):
    assert client.query("SELECT a, b FROM t LIMIT 0").column_names == ("a", "b")
    assert client.query("SELECT a FROM t WHERE a = 7").result_rows == []


def test_arrow_inserts(client):
    client.insert_arrow("t", pa.table({"a": [1, 2], "b": ["x", "y"]}))
    assert client.command("SELECT sum(a) FROM t") == 3


def _packers() -> dict[str, Callable[[bytes], bytes]]:
    return {
        "gzip": gzip.compress,
        "deflate": zlib.compress,
        "lz4": lz4.frame.compress,
        "zstd": zstd.compress,
        "br": lambda data: bytes(cramjam.brotli.compress(data, level=1)),
    }


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "lz4", "zstd", "br"])
def test_raw_inserts_in_every_encoding(client, encoding):
    body = b"".join(b'{"a":%d,"b":"text"}\n' % number for number in range(50_000))
    packed = _packers()[encoding](body)
    client.raw_insert("t", ["a", "b"], packed, fmt="JSONEachRow", compression=encoding)
    assert client.query("SELECT count(), sum(a) FROM t").result_rows == [(50_000, 1_249_975_000)]


@pytest.mark.parametrize("encoding", ["lz4", "zstd", "gzip", "deflate"])
def test_results_in_every_encoding(engine, encoding):
    client = engine.client(compress=encoding)
    assert len(client.query("SELECT toString(number) FROM numbers(100000)").result_rows) == 100_000
    with client.query_row_block_stream("SELECT number FROM numbers(200000)") as blocks:
        assert sum(len(block) for block in blocks) == 200_000


def test_raw_csv_insert_from_a_generator(client):
    client.raw_insert("t", ["a", "b"], (b"%d,x\n" % number for number in range(10)), fmt="CSV")
    assert client.command("SELECT count() FROM t") == 10


def test_a_row_that_does_not_parse_is_refused_and_nothing_is_stored(client):
    with pytest.raises(DatabaseError) as caught:
        client.raw_insert("t", ["a"], b'{"a":1}\n{"a":"x"}\n', fmt="JSONEachRow")
    assert caught.value.code == 27 or "Cannot parse" in str(caught.value)
    assert client.command("SELECT count() FROM t") == 0


def test_external_data_joins_the_query(client):
    external = ExternalData(file_name="codes.csv", data=b"1,a\n2,b\n", fmt="CSV", structure="n UInt32, s String")
    rows = client.query("SELECT s FROM codes WHERE n = {n:UInt8}", parameters={"n": 2}, external_data=external)
    assert rows.result_rows == [("b",)]


def test_a_session_keeps_settings_and_temporary_tables_to_itself(engine):
    one, other = engine.client(session_id="one"), engine.client(session_id="other")
    one.command("SET max_threads = 7")
    one.command("CREATE TEMPORARY TABLE kept (n UInt8)")
    one.command("INSERT INTO kept VALUES (5)")
    assert one.query("SELECT getSetting('max_threads'), n FROM kept").result_rows == [(7, 5)]
    assert other.command("SELECT getSetting('max_threads')") != 7
    with pytest.raises(DatabaseError):
        other.query("SELECT * FROM kept")


def test_set_without_a_session_does_not_reach_others(engine):
    client = engine.client(autogenerate_session_id=False)
    client.command("SET max_threads = 7")
    assert {client.command("SELECT getSetting('max_threads')") for _ in range(10)} & {7} == set()


def test_database_of_the_request(engine):
    engine.client().command("CREATE DATABASE IF NOT EXISTS other")
    assert engine.client(database="other").command("SELECT currentDatabase()") == "other"
    assert engine.client(database="posko").command("SELECT currentDatabase()") == "posko"
    assert engine.client().command("SELECT currentDatabase()") == "default"
