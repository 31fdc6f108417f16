"""Engines of their own for the tests of the engine: they are stopped, killed and filled."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import clickhouse_connect
import pytest
from clickhouse_connect.driver.client import Client

from tests.processes import free_ports

PASSWORD = "full pass:wörd"
READER_PASSWORD = "reader"
ENGINE_OFFSET = 2


class Running:
    """An engine process on one folder, and ways to talk to it."""

    def __init__(self, folder: Path, **limits: str) -> None:
        self.folder = folder
        self.limits = limits
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> Running:
        base = free_ports()
        self.port = base + ENGINE_OFFSET
        self.process = self.spawn(base)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"The engine ended with status {self.process.returncode}: {self.log()}")
            try:
                if self.request("GET", "/ping")[0] == 200:
                    return self
            except OSError:
                time.sleep(0.02)
        raise RuntimeError(f"The engine does not answer: {self.log()}")

    def spawn(self, port_base: int) -> subprocess.Popen[bytes]:
        code = "import sys; sys.argv[0] = 'posko'; from posko.cli import main; main()"
        options = ["engine", "--data", str(self.folder), "--port-base", str(port_base)]
        env = {
            **os.environ,
            "POSKO_CLICKHOUSE_PASSWORD": PASSWORD,
            "POSKO_DASHBOARD_PASSWORD": READER_PASSWORD,
            **{f"POSKO_ENGINE_{name.upper()}": value for name, value in self.limits.items()},
        }
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen([sys.executable, "-c", code, *options], env=env, stdout=log, stderr=log)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and wait; the exit status."""
        if self.process is None:
            return 0
        self.process.send_signal(number)
        status = self.process.wait(30)
        self.process = None
        return status

    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def client(self, user: str = "posko", password: str = PASSWORD, **options: Any) -> Client:
        return clickhouse_connect.get_client(
            host="127.0.0.1", port=self.port, username=user, password=password, **options
        )

    def reader(self, **options: Any) -> Client:
        return self.client("dashboard", READER_PASSWORD, **options)

    def request(
        self, method: str, target: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        """A request of plain HTTP: status, headers, body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, target, body, headers or {})
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()

    def post(self, body: bytes, target: str = "/", **headers: str) -> tuple[int, http.client.HTTPMessage, bytes]:
        """A POST of the full user; underscores of header names are dashes."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named = {"X-ClickHouse-User": "posko", "X-ClickHouse-Key": PASSWORD.encode().decode("latin-1"), **named}
        return self.request("POST", target, body, named)


@pytest.fixture
def make_engine(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Makes engines on folders below `tmp_path`; whatever still runs at the end is killed."""
    made: list[Running] = []

    def make(name: str = "data", **limits: str) -> Running:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        made.append(Running(folder, **limits))
        return made[-1]

    yield make
    for running in made:
        running.stop(signal.SIGKILL)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One engine for a file of tests, with a database `posko`."""
    running = Running(tmp_path_factory.mktemp("engine")).start()
    running.post(b"CREATE DATABASE posko")
    yield running
    running.stop(signal.SIGKILL)
