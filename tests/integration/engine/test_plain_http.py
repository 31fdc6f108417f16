"""curl, Grafana's plugin (clickhouse-go over HTTP) and anything else that speaks HTTP."""

from __future__ import annotations

import gzip
import json
import shutil
import struct
import subprocess
from base64 import b64encode
from urllib.parse import quote, urlencode

import pytest

from .conftest import PASSWORD, READER_PASSWORD

NATIVE_ONE = (
    b"\x01\x01" + b"\x01n" + b"\x06UInt64" + struct.pack("<Q", 7)
)  # columns, rows, name, type, value: revision 0


def test_ping_needs_no_password(engine):
    for path in ("/ping", "/replicas_status", "/"):
        assert engine.request("GET", path)[::2] == (200, b"Ok.\n")


def test_head_has_no_body(engine):
    status, headers, body = engine.request("HEAD", f"/?query=SELECT+1&user=posko&password={quote(PASSWORD)}")
    assert (status, body, headers["X-ClickHouse-Format"]) == (200, b"", "TabSeparated")


BASIC = "Basic " + b64encode(f"posko:{PASSWORD}".encode()).decode()


@pytest.mark.parametrize(
    ("target", "headers"),
    [
        pytest.param("/?query=SELECT+1", {"Authorization": BASIC}, id="basic"),
        pytest.param(f"/?query=SELECT+1&user=posko&password={quote(PASSWORD)}", {}, id="url"),
        pytest.param(
            "/?query=SELECT+1", {"X-ClickHouse-User": "dashboard", "X-ClickHouse-Key": READER_PASSWORD}, id="headers"
        ),
    ],
)
def test_ways_to_name_a_user(engine, target, headers):
    assert engine.request("GET", target, headers=headers)[::2] == (200, b"1\n")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({}, 401, id="nobody"),
        pytest.param({"X-ClickHouse-User": "posko", "X-ClickHouse-Key": "wrong"}, 403, id="wrong password"),
        pytest.param({"X-ClickHouse-User": "default"}, 403, id="chdb's own user"),
        pytest.param({"X-ClickHouse-User": "posko"}, 403, id="no password"),
        pytest.param({"Authorization": "Basic !!!"}, 403, id="broken basic"),
        pytest.param({"Authorization": "Bearer x"}, 403, id="token"),
    ],
)
def test_strangers_are_refused(engine, headers, status):
    for method in ("GET", "POST"):
        answer = engine.request(method, "/?query=SELECT+1", None if method == "GET" else b"", headers)
        assert answer[0] == status
        assert answer[1]["X-ClickHouse-Exception-Code"] == "516"
        assert answer[2].startswith(b"Code: 516. DB::Exception: ")


def test_the_response_says_what_a_server_says(engine):
    status, headers, body = engine.post(b"SELECT number FROM numbers(3) FORMAT JSONEachRow", "/?query_id=abc")
    assert (status, body) == (200, b'{"number":0}\n{"number":1}\n{"number":2}\n')
    assert headers["X-ClickHouse-Query-Id"] == "abc"
    assert headers["X-ClickHouse-Format"] == "JSONEachRow"
    assert headers["X-ClickHouse-Timezone"] == "UTC"
    assert headers["X-ClickHouse-Server-Display-Name"]
    assert json.loads(headers["X-ClickHouse-Summary"])["result_rows"] == "3"


@pytest.mark.parametrize(
    ("target", "body", "format_name"),
    [
        pytest.param("/", b"SELECT 1 FORMAT JSON", "JSON", id="in the query"),
        pytest.param("/?default_format=JSON", b"SELECT 1", "JSON", id="default_format"),
        pytest.param("/?query=SELECT+1+FORMAT+JSON", b"", "JSON", id="in the url"),
        pytest.param("/?default_format=CSV", b"SELECT 1 FORMAT JSON SETTINGS max_threads = 1", "JSON", id="both"),
        pytest.param("/", b"SELECT 'a FORMAT b' -- FORMAT JSON", "TabSeparated", id="only in text"),
        pytest.param("/", b"SELECT 1 AS format FORMAT JSON;", "JSON", id="semicolon"),
    ],
)
def test_formats(engine, target, body, format_name):
    status, headers, answer = engine.post(body, target)
    assert status == 200
    assert headers["X-ClickHouse-Format"] == format_name
    if format_name == "JSON":
        assert json.loads(answer)["rows"] == 1


def test_formats_that_cannot_be_streamed_are_one_document(engine):
    status, _, body = engine.post(b"SELECT number FROM numbers(200000) FORMAT JSONCompact")
    assert status == 200
    assert len(json.loads(body)["data"]) == 200_000


def test_a_query_in_the_url_with_data_in_the_body(engine):
    engine.post(b"CREATE OR REPLACE TABLE posko.h (a UInt32, b String) ENGINE = MergeTree ORDER BY a")
    target = "/?" + urlencode({"query": "INSERT INTO posko.h FORMAT JSONEachRow", "max_insert_threads": 1})
    assert engine.post(b'{"a":1,"b":"SELECT"}\n{"a":2,"b":"x"}\n', target)[0] == 200
    assert engine.post(b"INSERT INTO h (a) FORMAT CSV\n3\n4\n", "/?database=posko")[0] == 200
    assert (
        engine.post(b"INSERT INTO h (a, b) VALUES (5, 'it''s; FORMAT CSV'), (6, 'y')", X_ClickHouse_Database="posko")[0]
        == 200
    )
    assert engine.post(b"INSERT INTO posko.h SELECT 7, 'z'")[0] == 200
    assert engine.post(b"SELECT sum(a), count() FROM posko.h")[2] == b"28\t7\n"


def test_a_packed_body_may_hold_the_query_too(engine):
    engine.post(b"CREATE OR REPLACE TABLE posko.z (a UInt32) ENGINE = MergeTree ORDER BY a")
    assert engine.post(gzip.compress(b"INSERT INTO posko.z FORMAT CSV\n3\n"), Content_Encoding="gzip")[0] == 200
    assert engine.post(gzip.compress(b"SELECT a FROM posko.z"), Content_Encoding="gzip")[2] == b"3\n"


def test_a_body_that_unpacks_beyond_the_limit_is_refused(make_engine):
    engine = make_engine(max_body=str(1 << 20)).start()
    bomb = gzip.compress(bytes(50 << 20))
    status, headers, body = engine.post(bomb, "/?query=INSERT+INTO+t+FORMAT+RowBinary", Content_Encoding="gzip")
    assert (status, headers["X-ClickHouse-Exception-Code"]) == (413, "307")
    assert b"1048576" in body


def test_a_body_that_finds_no_room_is_refused_in_clickhouses_words(make_engine):
    engine = make_engine(body_in_memory="1").start()
    (engine.folder / "clickhouse/tmp/queries").rmdir()
    (engine.folder / "clickhouse/tmp").rmdir()
    status, headers, body = engine.post(b"SELECT 1")
    assert (status, headers["X-ClickHouse-Exception-Code"]) == (500, "75")
    assert b"clickhouse/tmp" in body


@pytest.mark.parametrize("body", [b"not gzip", gzip.compress(b"SELECT 1")[:-6]], ids=["garbage", "cut off"])
def test_a_body_that_does_not_unpack_is_refused(engine, body):
    assert engine.post(body, Content_Encoding="gzip")[0] == 400


def test_grafanas_plugin_gets_plain_native_blocks_packed_as_it_asks(engine):
    target = "/?" + urlencode({"default_format": "Native", "database": "posko", "client_protocol_version": "54460"})
    user = {"X_ClickHouse_User": "dashboard", "X_ClickHouse_Key": READER_PASSWORD}
    assert engine.post(b"SELECT toUInt64(7) AS n", target, **user)[2] == NATIVE_ONE

    query = b"SELECT number FROM numbers(1000)"
    status, headers, body = engine.post(query, target + "&enable_http_compression=1", Accept_Encoding="gzip", **user)
    assert (status, headers["Content-Encoding"], headers["X-ClickHouse-Format"]) == (200, "gzip", "Native")
    assert gzip.decompress(body).startswith(b"\x01\xe8\x07\x06number\x06UInt64")

    streamed = engine.post(b"SELECT number FROM numbers(300000)", target, Accept_Encoding="gzip", **user)
    assert len(gzip.decompress(streamed[2])) > 300_000 * 8


def test_native_framing_is_refused_by_name(engine):
    status, headers, body = engine.post(b"SELECT 1", "/?compress=1")
    assert (status, headers["X-ClickHouse-Exception-Code"]) == (501, "48")
    assert b"compress=1" in body


def test_get_only_reads(engine):
    headers = {"Authorization": BASIC}
    status, answer, _ = engine.request("GET", f"/?query={quote('CREATE DATABASE by_get')}", headers=headers)
    assert (status, answer["X-ClickHouse-Exception-Code"]) == (500, "164")
    assert engine.post(b"EXISTS DATABASE by_get")[2] == b"0\n"


@pytest.mark.parametrize("query", [b"", b" \n", b"-- nothing", b"exit", b"quit", b"?? tables", b"\xff"])
def test_what_is_no_statement_is_a_syntax_error(engine, query):
    status, headers, _ = engine.post(query)
    assert (status, headers["X-ClickHouse-Exception-Code"]) == (400, "62")


@pytest.mark.parametrize(
    ("settings", "code"),
    [("no_such_setting=1", "115"), ("max_threads=many", "27"), ("a%27b=1", "115"), ("dialect=prql", "452")],
)
def test_settings_that_are_wrong_are_refused(engine, settings, code):
    assert engine.post(b"SELECT 1", f"/?{settings}")[1]["X-ClickHouse-Exception-Code"] == code
    assert engine.post(b"SELECT 1")[2] == b"1\n"


@pytest.mark.parametrize("settings", ["readonly=1", "readonly=2", "allow_ddl=0", "max_block_size=7&max_threads=many"])
def test_settings_that_cannot_be_undone_reach_nobody_else(engine, settings):
    for _ in range(3):
        engine.post(b"SELECT 1", f"/?{settings}")
        assert engine.post(b"CREATE OR REPLACE TABLE posko.u (n UInt8) ENGINE = Memory")[0] == 200
        assert engine.post(b"SELECT getSetting('max_block_size') = 7")[2] == b"0\n"


def test_wait_end_of_query_turns_a_late_error_into_a_status(engine):
    query = b"SELECT throwIf(number = 500000) FROM numbers(1000000) SETTINGS max_block_size = 10000"
    status, headers, _ = engine.post(query, "/?wait_end_of_query=1")
    assert (status, headers["X-ClickHouse-Exception-Code"]) == (500, "395")


def test_a_whole_result_larger_than_memory_comes_from_a_file(engine):
    status, headers, body = engine.post(b"SELECT number FROM numbers(2000000)", "/?wait_end_of_query=1")
    assert status == 200
    assert body.count(b"\n") == 2_000_000
    assert json.loads(headers["X-ClickHouse-Summary"])["result_rows"] == "2000000"


def test_curl(engine):
    curl = shutil.which("curl")
    address = f"http://127.0.0.1:{engine.port}/"
    if curl is None:
        assert engine.post(b"SELECT 1")[2] == b"1\n"
        return

    def run(*arguments: str) -> str:
        return subprocess.run([curl, "-sS", *arguments], check=True, capture_output=True, text=True, timeout=30).stdout

    user = f"posko:{PASSWORD}"
    assert run("-u", user, f"{address}?query=SELECT%201") == "1\n"
    assert (
        run("--compressed", "-u", user, "--data-binary", "SELECT sum(number) FROM numbers(9999)", address)
        == "49985001\n"
    )
    assert run(address.replace("//", f"//dashboard:{READER_PASSWORD}@") + "?query=SELECT%202") == "2\n"
    run("-u", user, "--data-binary", "CREATE OR REPLACE TABLE posko.c (n UInt8) ENGINE = MergeTree ORDER BY n", address)
    run("-u", user, "--data-binary", "1\n2\n", f"{address}?query=INSERT%20INTO%20posko.c%20FORMAT%20CSV")
    assert run("-u", user, "--data-binary", "SELECT sum(n) FROM posko.c", address) == "3\n"
