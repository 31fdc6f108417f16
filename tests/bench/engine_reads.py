"""How long reads and inserts take at the engine's door, alone and beside long queries.

    posko bench engine [--seconds 5]

Starts an engine of its own in a temporary folder. Figures are milliseconds, for docs/engine.md, not for asserting.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote

import orjson
import psutil

PASSWORD = "bench"
ROW_TEXT = "lgstk blm tiba tps 4 ds tj baru, prahu kandas " * 8
CREATE = """
CREATE TABLE r (
    report_id UUID, text String, category LowCardinality(String), district LowCardinality(String),
    lat Float64, lng Float64, at DateTime64(3, 'UTC')
) ENGINE = MergeTree ORDER BY (district, at)
"""
LONG = "SELECT count() FROM numbers(200000000) WHERE sipHash64(number) % 7 = 3"
POINT = "SELECT text FROM r WHERE district = '16.71.01' AND at = '2024-11-27 07:00:01.000' LIMIT 1 FORMAT Native"
GROUP = "SELECT district, count() FROM r GROUP BY district FORMAT Native"


class Door:
    """One connection to the engine."""

    def __init__(self, port: int) -> None:
        self._http = HTTPConnection("127.0.0.1", port, timeout=120)

    def post(self, body: bytes, query: str = "") -> bytes:
        headers = {"X-ClickHouse-User": "posko", "X-ClickHouse-Key": PASSWORD}
        self._http.request("POST", "/?query=" + quote(query) if query else "/", body, headers)
        response = self._http.getresponse()
        data = response.read()
        if response.status != 200:
            raise RuntimeError(data.decode(errors="replace"))
        return data


def rows(count: int) -> bytes:
    """JSON lines of about 600 bytes."""
    return b"\n".join(
        orjson.dumps(
            {
                "report_id": str(uuid.uuid4()),
                "text": ROW_TEXT,
                "category": "logistics",
                "district": f"16.71.{number % 20:02}",
                "lat": -2.9,
                "lng": 104.7,
                "at": f"2024-11-27 07:{number // 60 % 60:02}:{number % 60:02}.000",
            }
        )
        for number in range(count)
    )


@contextmanager
def engine() -> Iterator[tuple[int, psutil.Process, float]]:
    """Port, process and seconds from the command to the first answer."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        command = [sys.executable, "-m", "posko", "engine", "--data", folder, "--port-base", str(port - 2)]
        started = time.perf_counter()
        with (Path(folder) / "log").open("wb") as log:
            process = subprocess.Popen(command, env={**os.environ, "POSKO_CLICKHOUSE_PASSWORD": PASSWORD}, stderr=log)
        try:
            while True:
                try:
                    Door(port).post(b"SELECT 1")
                    break
                except OSError:
                    time.sleep(0.01)
            yield port, psutil.Process(process.pid), time.perf_counter() - started
        finally:
            process.terminate()
            process.wait()


@contextmanager
def beside(count: int, port: int, query: str) -> Iterator[None]:
    """`count` connections that run `query` again and again."""
    end = threading.Event()

    def work() -> None:
        door = Door(port)
        while not end.is_set():
            door.post(query.encode())

    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    time.sleep(0.3)
    try:
        yield
    finally:
        end.set()
        for thread in threads:
            thread.join()


def measure(name: str, work: Callable[[], object], seconds: float) -> None:
    """Run `work` for a while and print its times."""
    times: list[float] = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(times) < 5:
        started = time.perf_counter()
        work()
        times.append((time.perf_counter() - started) * 1e3)
    times.sort()
    middle, high = times[len(times) // 2], times[int(len(times) * 0.99)]
    print(f"{name:45} p50 {middle:8.1f}  p99 {high:8.1f}  max {times[-1]:8.1f}  n {len(times)}")


def measure_all(seconds: float) -> None:
    """Everything, each for so many seconds."""
    with engine() as (port, process, start):
        print(f"first answer {start:.2f} s after the command; {process.memory_info().rss >> 20} MiB")
        door = Door(port)
        door.post(CREATE.encode())
        large, small = rows(20_000), rows(500)
        print(f"a row has {len(large) // 20_000} bytes")

        def insert(body: bytes) -> Callable[[], object]:
            return lambda: door.post(body, "INSERT INTO r FORMAT JSONEachRow")

        measure("insert of 20,000 rows", insert(large), seconds)
        measure("insert of 500 rows", insert(small), seconds)
        measure("SELECT 1", lambda: door.post(b"SELECT 1"), seconds)
        measure("point query", lambda: door.post(POINT.encode()), seconds)
        measure("group by", lambda: door.post(GROUP.encode()), seconds)
        with beside(4, port, LONG):
            measure("SELECT 1 beside 4 long queries", lambda: door.post(b"SELECT 1"), seconds)
            measure("point query beside 4 long queries", lambda: door.post(POINT.encode()), seconds)
            measure("insert of 500 rows beside 4 long queries", insert(small), seconds)
            measure("insert of 20,000 rows beside 4 long queries", insert(large), seconds)
        with beside(3, port, GROUP):
            measure("insert of 500 rows beside 3 readers", insert(small), seconds)
        with beside(1, port, "SELECT number FROM numbers(30000000) FORMAT Native"):
            measure("point query beside a streamed read", lambda: door.post(POINT.encode()), seconds)
        print(f"memory at the end {process.memory_info().rss >> 20} MiB")
