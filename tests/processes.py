"""Servers and other processes for tests, benches and chaos runs: on free ports, gone however the run ends."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from posko import kafka_admin, settings
from posko.local import child, embedded, ports, secrets
from posko.settings import PORTS, Settings

START_S = 120
STOP_S = 60
BASES = range(12_000, 30_000, 20)  # below the ports that systems take for clients
# Of several processes that run tests at a time each has blocks of its own: one is free until its servers have started.
_WHO, _OF = os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:], os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")
OWN_BASES = BASES[int(_WHO) :: int(_OF)]


class NotStarted(Exception):
    """A process did not become ready, or there is no room for it; the text says more."""


class Quiet:
    """An `embedded.Progress` that tells nothing: jars that have to come are no news here."""

    def waiting(self) -> None: ...
    def started(self, jars: int) -> None: ...
    def archiving(self) -> None: ...
    def received(self, size: int) -> None: ...
    def finished(self, filename: str) -> None: ...


def free_ports(first: int = 0) -> int:
    """A port base whose ports are all free: `first`, or the next that is, or any. Raises NotStarted."""
    base = ports.free_base(range(first, first + 900, ports.BLOCK) if first else random.sample(OWN_BASES, 200))
    if base is None:
        raise NotStarted("There is no free block of ports; name another with --port-base")
    return base


@contextmanager
def broker(folder: Path, port_base: int) -> Iterator[str]:
    """The address of a broker without topics, in a new folder."""
    made = embedded.broker(folder, port_base + PORTS["kafka"], port_base + PORTS["kafka-controller"], Quiet())
    made.prepare()
    log = folder / "kafka.log"
    with process(made.command(), log) as running:
        wait_until(lambda: kafka_admin.answers(made.address), running, log)
        yield made.address


@contextmanager
def engine(folder: Path, port_base: int) -> Iterator[Settings]:
    """Settings that lead to a running engine with an empty database, in a new folder."""
    folder.mkdir(parents=True, exist_ok=True)
    secrets.ensure(folder)
    known = settings.load(data=folder, port_base=port_base)
    command = [sys.executable, "-m", "posko", "engine", "--data", str(folder), "--port-base", str(port_base)]
    log = folder / "engine.log"
    with process(command, log) as running:
        wait_until(lambda: pings(known.clickhouse_url), running, log)
        yield known


@contextmanager
def process(command: list[str], log: Path, env: Mapping[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """A process that ends with the block, and with this one even if this one is killed. `env`: besides our own."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        running = subprocess.Popen(
            child.guarded(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**os.environ, **(env or {})},
        )
    try:
        yield running
    finally:
        stop(running)


def wait_until(promise: Callable[[], bool], running: subprocess.Popen[bytes], log: Path) -> None:
    """Return when `promise()` holds. Raises NotStarted, with the end of the log, when the process ends before or two
    minutes pass."""
    deadline = time.monotonic() + START_S
    while not promise():
        if running.poll() is not None or time.monotonic() > deadline:
            said = log.read_text()[-3000:]
            raise NotStarted(f"pid {running.pid} did not become ready, status {running.poll()}:\n{said}")
        time.sleep(0.05)


def stop(running: subprocess.Popen[bytes]) -> None:
    """SIGTERM, and SIGKILL for what does not end then."""
    running.send_signal(signal.SIGTERM)
    try:
        running.wait(STOP_S)
    except subprocess.TimeoutExpired:
        running.kill()
        running.wait()


def pings(url: str) -> bool:
    """Whether a ClickHouse answers at this address."""
    try:
        with urllib.request.urlopen(f"{url}/ping", timeout=2) as response:
            return bool(response.status == 200)
    except OSError:
        return False
