"""The real stack for tests: one Kafka and one engine for a whole run, on free ports, gone however the run ends."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from posko import kafka_admin, settings
from posko.local import child, embedded, ports, secrets, state
from posko.local.state import ServiceState
from posko.settings import PORTS, Settings

START_S = 120
STOP_S = 60


def free_ports() -> int:
    """A port base whose ports are all free, outside the range from which the system takes ports for clients."""
    for _ in range(200):
        base = random.randrange(12000, 30000, 20)
        if all(ports.free("127.0.0.1", base + offset) for offset in {*PORTS.values(), *range(20)}):
            return base
    raise RuntimeError("No free block of ports between 12000 and 30000")


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
    log.parent.mkdir(parents=True, exist_ok=True)
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
    with broker_up(tmp_path_factory.mktemp("kafka")) as address:
        yield address


@contextmanager
def broker_up(folder: Path) -> Iterator[str]:
    """A broker of its own until the end of the block; gives its address."""
    base = free_ports()
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
        wait_until(lambda: pings(known.clickhouse_url), running, log)
        yield known


def pings(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/ping", timeout=2) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


class Instance:
    """A whole instance, started by `posko up` in its own folder on free ports."""

    def __init__(self, data: Path, running: subprocess.Popen[bytes], log: Path) -> None:
        self.data = data
        self.running = running
        self.log = log

    @property
    def settings(self) -> Settings:
        return settings.load(data=self.data)

    def status(self) -> dict[str, Any]:
        """What `posko status --json` says."""
        return dict(json.loads(posko("status", "--json", "--data", str(self.data), check=False).stdout))

    def service(self, name: str) -> ServiceState:
        """The supervisor's note of a service."""
        known = state.read(self.data)
        assert known
        return next(service for service in known.services if service.name == name)

    def until(self, promise: Callable[[], bool]) -> None:
        """Return when `promise()` holds, fail with the log when it does not within two minutes."""
        wait_until(promise, self.running, self.log)


def posko(*arguments: str, check: bool = True, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run a `posko` command to its end; with `check`, fail unless its exit status is 0."""
    command = [sys.executable, "-m", "posko", *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=240, check=False, env={**os.environ, **(env or {})}
    )
    if check and done.returncode:
        pytest.fail(f"posko {' '.join(arguments)} ended with status {done.returncode}:\n{done.stdout}{done.stderr}")
    return done


@contextmanager
def instance_up(data: Path, port_base: int, *options: str, env: dict[str, str] | None = None) -> Iterator[Instance]:
    """`posko up` on `data` until the end of the block; everything is ready in it."""
    log = data.with_name(f"{data.name}.log")
    command = [sys.executable, "-m", "posko", "up", "--data", str(data), "--port-base", str(port_base), *options]
    with process(command, log, env) as running:
        wait_until(lambda: _phase(data, running.pid) == "running", running, log)
        yield Instance(data, running, log)


def _phase(data: Path, pid: int) -> str:
    known = state.read(data)
    return known.phase if known and known.pid == pid else ""


@pytest.fixture(scope="session")
def posko_up() -> Callable[..., AbstractContextManager[Instance]]:
    """`with posko_up(data, port_base, *options) as instance:`, see `instance_up`. It takes some ten seconds."""
    return instance_up
