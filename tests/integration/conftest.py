"""The real stack for tests: one Kafka and one engine for a whole run, on free ports, gone however the run ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from posko import settings
from posko.local import state
from posko.local.state import ServiceState
from posko.settings import Settings
from tests import processes
from tests.processes import free_ports, process, wait_until


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
    with processes.broker(tmp_path_factory.mktemp("kafka"), free_ports()) as address:
        yield address


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings that lead to a running embedded engine with an empty database, for the whole run."""
    with processes.engine(tmp_path_factory.mktemp("engine"), free_ports()) as known:
        yield known


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
