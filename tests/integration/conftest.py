"""The real stack for tests: one Kafka and one engine for a whole run, on free ports, gone however the run ends."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from posko import kafka_admin, settings
from posko.local import child, embedded, secrets
from posko.settings import PORTS, Settings

START_S = 120
STOP_S = 20


def free_ports() -> int:
    """A port base whose ports are all free, outside the range from which the system takes ports for clients."""
    for _ in range(200):
        base = random.randrange(12000, 30000, 20)
        if all(_is_free(base + offset) for offset in {*PORTS.values(), *range(20)}):
            return base
    raise RuntimeError("No free block of ports between 12000 and 30000")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


class Quiet:
    """Jars that have to come are no news in a test run."""

    def waiting(self) -> None: ...
    def started(self, jars: int) -> None: ...
    def archiving(self) -> None: ...
    def received(self, size: int) -> None: ...
    def finished(self, filename: str) -> None: ...


@contextmanager
def process(command: list[str], log: Path, env: dict[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """A child that ends with the block, and with this test run even if that is killed."""
    guarded = [sys.executable, "-IS", str(child.__file__), str(os.getpid()), *command]
    with log.open("ab") as output:
        running = subprocess.Popen(
            guarded, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env={**os.environ, **(env or {})}
        )
    try:
        yield running
    finally:
        running.send_signal(signal.SIGTERM)
        try:
            running.wait(STOP_S)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


def wait_until(promise: Callable[[], bool], running: subprocess.Popen[bytes], log: Path) -> None:
    """Return when `promise()` holds; fail with the end of the log when the process ends or two minutes pass."""
    deadline = time.monotonic() + START_S
    while not promise():
        if running.poll() is not None or time.monotonic() > deadline:
            pytest.fail(f"pid {running.pid} did not become ready, status {running.poll()}:\n" + log.read_text()[-3000:])
        time.sleep(0.05)


@pytest.fixture(scope="session", autouse=True)
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No instance of the person who runs the tests is seen or touched, and none of their settings count."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("POSKO_")]:
            patch.delenv(name)
        patch.setenv("POSKO_REGISTRY", str(tmp_path_factory.mktemp("registry")))
        yield


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a broker without topics, for the whole run: give topics and groups names of your own."""
    base = free_ports()
    folder = tmp_path_factory.mktemp("kafka")
    broker = embedded.broker(folder, base + PORTS["kafka"], base + PORTS["kafka-controller"], Quiet())
    broker.prepare()
    log = folder / "kafka.log"
    with process(broker.command(), log) as running:
        wait_until(lambda: kafka_admin.answers(broker.address), running, log)
        yield broker.address


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings that lead to a running embedded engine with an empty database, for the whole run."""
    data = tmp_path_factory.mktemp("engine")
    secrets.ensure(data)
    known = settings.load(data=data, port_base=free_ports())
    log = data / "engine.log"
    env = {"POSKO_DATA": str(data), "POSKO_PORT_BASE": str(known.port_base)}
    with process([sys.executable, "-m", "posko", "engine"], log, env) as running:
        wait_until(lambda: _pings(known.clickhouse_url), running, log)
        yield known


def _pings(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/ping", timeout=2) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False
