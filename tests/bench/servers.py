"""A Kafka broker and an engine of the bench's own, in a temporary folder, gone with the block."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from posko import kafka_admin, settings
from posko.local import child, embedded, ports, secrets
from posko.settings import PORTS, Settings

START_S = 120
STOP_S = 30
CHOSEN_FROM = range(12_000, 30_000, 20)  # below the ports that systems take for clients


class NotStarted(Exception):
    """A server did not become ready; the text has the end of its log."""


class _Silent:
    """What is told while Kafka's jars come."""

    def waiting(self) -> None: ...
    def started(self, jars: int) -> None: ...
    def archiving(self) -> None: ...
    def received(self, size: int) -> None: ...
    def finished(self, filename: str) -> None: ...


def free_base(first: int = 0) -> int:
    """A port base whose ports are free: `first`, or the next that is, or any."""
    bases = range(first, first + 900, 20) if first else random.sample(CHOSEN_FROM, 100)
    for base in bases:
        if all(ports.free("127.0.0.1", base + offset) for offset in PORTS.values()):
            return base
    raise NotStarted("There is no free block of ports; name another with --port-base")


@contextmanager
def broker(folder: Path, port_base: int) -> Iterator[str]:
    """The address of a broker without topics."""
    made = embedded.broker(folder, port_base + PORTS["kafka"], port_base + PORTS["kafka-controller"], _Silent())
    made.prepare()
    with process(made.command(), folder / "kafka.log", lambda: kafka_admin.answers(made.address)):
        yield made.address


@contextmanager
def engine(folder: Path, port_base: int) -> Iterator[Settings]:
    """Settings that lead to a running engine with an empty database."""
    folder.mkdir(parents=True, exist_ok=True)
    secrets.ensure(folder)
    known = settings.load(data=folder, port_base=port_base)
    command = [sys.executable, "-m", "posko", "engine", "--data", str(folder), "--port-base", str(port_base)]
    with process(command, folder / "engine.log", lambda: _pings(known.clickhouse_url)):
        yield known


@contextmanager
def process(
    command: list[str], log: Path, ready: Callable[[], bool] = lambda: True, env: dict[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A process that ends with the block, and with this one even if this one is killed. Raises NotStarted."""
    guarded = [sys.executable, "-IS", str(child.__file__), str(os.getpid()), *command]
    with log.open("ab") as output:
        running = subprocess.Popen(guarded, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=env)
    try:
        deadline = time.monotonic() + START_S
        while not ready():
            if running.poll() is not None or time.monotonic() > deadline:
                raise NotStarted(f"{' '.join(command[:4])} did not become ready:\n{log.read_text()[-3000:]}")
            time.sleep(0.05)
        yield running
    finally:
        stop(running)


def stop(running: subprocess.Popen[bytes]) -> None:
    """SIGTERM, and SIGKILL for what does not end then."""
    running.send_signal(signal.SIGTERM)
    try:
        running.wait(STOP_S)
    except subprocess.TimeoutExpired:
        running.kill()
        running.wait()


def _pings(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/ping", timeout=2) as response:
            return bool(response.status == 200)
    except OSError:
        return False
