"""The engine's process: one a folder, nothing lost when it is killed, everything finished when it is stopped."""

from __future__ import annotations

import json
import signal
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

from .conftest import ENGINE_OFFSET

CREATE = b"CREATE TABLE IF NOT EXISTS default.k (n UInt64, text String) ENGINE = MergeTree ORDER BY n"


def test_no_acknowledged_row_is_lost_or_doubled_when_it_is_killed(make_engine):
    engine = make_engine().start()
    engine.post(CREATE)
    acknowledged: list[int] = []
    enough = threading.Event()

    def insert(first: int) -> None:
        number = first
        while True:
            rows = b"".join(b'{"n":%d,"text":"%s"}\n' % (number + i, b"x" * 200) for i in range(200))
            try:
                if engine.post(b"INSERT INTO default.k FORMAT JSONEachRow\n" + rows)[0] != 200:
                    return
            except OSError:
                return
            acknowledged.extend(range(number, number + 200))
            number += 200
            if len(acknowledged) >= 20_000:
                enough.set()

    with ThreadPoolExecutor(2) as pool:
        writers = [pool.submit(insert, first) for first in (0, 10_000_000)]
        assert enough.wait(60)
        assert engine.stop(signal.SIGKILL) == -signal.SIGKILL
        for writer in writers:
            writer.result(30)

    engine.start()
    stored = [int(line) for line in engine.post(b"SELECT n FROM default.k FORMAT CSV")[2].split()]
    assert set(acknowledged) <= set(stored)
    assert len(stored) == len(set(stored))


def test_a_stop_finishes_what_runs(make_engine):
    engine = make_engine().start()
    began = threading.Event()
    query = b"SELECT count(), min(sleepEachRow(0.05)) FROM numbers(30) SETTINGS max_block_size = 1"

    def long() -> bytes:
        began.set()
        return engine.post(query)[2]

    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(long)
        began.wait()
        while engine.post(b"SELECT count() FROM system.processes WHERE query LIKE '%sleep' || 'EachRow%'")[2] != b"1\n":
            pass
        assert engine.stop() == 0
        assert answer.result() == b"30\t0\n"


def test_a_second_engine_on_the_same_folder_is_refused(make_engine):
    engine = make_engine().start()
    assert engine.process is not None
    second = engine.spawn(12000)
    assert second.wait(30) == 2
    assert f"process {engine.process.pid}" in engine.log()
    assert str(engine.folder / "clickhouse") in engine.log()
    assert engine.post(b"SELECT 1")[2] == b"1\n"


def test_a_port_in_use_is_named(make_engine):
    engine = make_engine()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert engine.spawn(port - ENGINE_OFFSET).wait(30) == 2
    assert f"127.0.0.1:{port}" in engine.log()


def test_it_says_nothing_but_structured_lines(make_engine):
    engine = make_engine().start()
    engine.post(b"SELECT * FROM nope")
    engine.stop()
    events = [json.loads(line)["event"] for line in engine.log().splitlines()]
    assert events == ["engine ready", "engine stopping", "engine closed"]


def test_folders_with_odd_names_work(make_engine):
    engine = make_engine("Data räya ?x=%20&y#z").start()
    engine.post(CREATE)
    engine.post(b"INSERT INTO default.k FORMAT CSV\n1,a\n")
    engine.stop()
    engine.start()
    assert engine.post(b"SELECT n FROM default.k")[2] == b"1\n"


def test_long_reads_hold_up_neither_inserts_nor_short_reads(make_engine):
    engine = make_engine(readers="3", query_seconds="20").start()
    engine.post(CREATE)
    with ThreadPoolExecutor(2) as pool:
        query = b"SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1"
        readers = [pool.submit(engine.post, query, f"/?query_id=long{i}") for i in range(2)]
        while engine.post(b"SELECT count() FROM system.processes WHERE query LIKE '%sip' || 'Hash%'")[2] != b"2\n":
            pass
        assert engine.post(b"INSERT INTO default.k FORMAT CSV\n1,a\n")[0] == 200
        assert engine.post(b"SELECT count() FROM default.k")[2] == b"1\n"
        killed = engine.post(b"KILL QUERY WHERE Settings['log_comment'] LIKE 'long%' SYNC")
        assert killed[0] == 200
        assert {reader.result()[1]["X-ClickHouse-Exception-Code"] for reader in readers} == {"394"}


def test_a_query_that_nobody_waits_for_is_stopped(make_engine):
    engine = make_engine(readers="1").start()
    query = b"SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1"
    head = b"POST /?user=posko&password=full%%20pass%%3Aw%%C3%%B6rd HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
    running = b"SELECT count() FROM system.processes WHERE query LIKE '%sip' || 'Hash%'"
    engine.post(b"SYSTEM FLUSH LOGS")
    with socket.create_connection(("127.0.0.1", engine.port)) as connection:
        connection.sendall(head % len(query) + query)
        # The only reading place is taken, so this asks in the lane for other statements.
        while engine.post(b"INSERT INTO FUNCTION null('n UInt64') " + running)[0] != 200:
            pass
    assert engine.post(b"SELECT 1")[2] == b"1\n"  # waits until the place is free again


def test_more_requests_than_places_wait_and_then_are_refused(make_engine):
    engine = make_engine(readers="1", queue_seconds="0.2", query_seconds="5").start()
    with ThreadPoolExecutor(1) as pool:
        long = pool.submit(engine.post, b"SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1")
        codes = set()
        while "202" not in codes:
            codes.add(engine.post(b"SELECT 1")[1]["X-ClickHouse-Exception-Code"])
        assert long.result()[1]["X-ClickHouse-Exception-Code"] in {"159", "394"}  # and the time limit holds


def test_a_query_that_wants_too_much_memory_fails_alone(make_engine):
    engine = make_engine(query_memory=str(64 << 20)).start()
    status, headers, _ = engine.post(b"SELECT groupArray(toString(number)) FROM numbers(3000000) FORMAT Null")
    assert (status, headers["X-ClickHouse-Exception-Code"]) == (500, "241")
    assert engine.post(b"SELECT 1")[2] == b"1\n"
