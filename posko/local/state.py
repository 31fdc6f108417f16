"""What the supervisor knows about its services, in memory and as `state.json` in the instance's folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psutil

from posko.local import files

# Of a service: waiting (for what it needs), starting, running, restarting, failed (not started again), stopping,
# stopped.
# Of the whole: preparing, starting, running, stopping, stopped.


@dataclass
class ServiceState:
    """One service. Times are seconds since 1970; `started`, the process's creation time, names it with the pid."""

    name: str
    port: int | None = None
    state: str = "waiting"
    since: float = 0.0
    detail: str = ""
    pid: int | None = None
    started: float | None = None
    restarts: int = 0


@dataclass
class State:
    """The supervisor and its services, in the order in which they start."""

    pid: int
    started: float
    phase: str = "preparing"
    services: list[ServiceState] = field(default_factory=list)


class Board:
    """The supervisor's state; each change is written to `path` and told to `on_change`."""

    def __init__(self, path: Path, state: State, on_change: Callable[[State, ServiceState | None], None]) -> None:
        self.state = state
        self._path = path
        self._on_change = on_change
        self._by_name = {service.name: service for service in state.services}

    def phase(self, phase: str) -> None:
        """Note what the whole instance is doing."""
        self.state.phase = phase
        self._changed(None)

    def service(self, name: str, **changes: Any) -> None:
        """Note changes of one service."""
        service = self._by_name[name]
        for attribute, value in changes.items():
            setattr(service, attribute, value)
        self._changed(service)

    def _changed(self, service: ServiceState | None) -> None:
        files.write_json(self._path, asdict(self.state))
        self._on_change(self.state, service)


def path(data: Path) -> Path:
    """Where the state of the instance in `data` is."""
    return data / "state.json"


def read(data: Path) -> State | None:
    """The last state that was written; None when there is none. Whether it still holds, `alive` says."""
    content = files.read_json(path(data))
    try:
        return State(**{**content, "services": [ServiceState(**entry) for entry in content["services"]]})
    except (KeyError, TypeError):
        return None


def alive(pid: int | None, started: float | None) -> psutil.Process | None:
    """The process with this pid if it is the one that was created at `started`, and not a zombie."""
    if pid is None:
        return None
    try:
        process = psutil.Process(pid)
        same = process.create_time() == started and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return None
    return process if same else None


def memory(process: psutil.Process | None) -> int | None:
    """Resident bytes of a process, None when it has gone."""
    try:
        return int(process.memory_info().rss) if process else None
    except psutil.Error:
        return None
