"""An instance's folder: who works in it, what it was made with, and how others find it."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from posko import settings
from posko.local import files
from posko.local.errors import LocalError
from posko.settings import Settings

# What decides where data lie and what they mean: it stays as it was when the instance was made.
FIXED = {
    "election": "its reports were placed and its incidents made with that election's regions and phases",
    "partitions": "keys would move to other partitions, away from the state that belongs to them",
}
NOTED = ("port_base", "host", "election", "partitions", "workers", "kafka", "clickhouse", "clickhouse_user", "grafana")


def folder(given: Path | None) -> Path:
    """The folder `up` works in: as given, else POSKO_DATA, else the default; never that of some running instance."""
    chosen = (
        given or os.environ.get("POSKO_DATA") or Settings.model_fields["data"].get_default(call_default_factory=True)
    )
    return Path(chosen).expanduser().resolve()


@contextmanager
def claimed(data: Path) -> Iterator[None]:
    """Be the only supervisor of `data`. Raises LocalError that names the other one."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        handle = (data / "up.lock").open("a+")
    except OSError as error:
        raise LocalError(f"{data} cannot be used as the instance's folder: {error}") from error
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.seek(0)
            raise LocalError(_refusal(data, handle.read().strip())) from None
        handle.truncate(0)
        handle.write(f"{os.getpid()}\n")
        handle.flush()
        yield


def refuse_if_running(data: Path) -> None:
    """Raise LocalError when a supervisor works in `data`."""
    if holder := holder_of(data):
        raise LocalError(_refusal(data, holder))


def holder_of(data: Path) -> str:
    """The pid of the supervisor that works in `data`, as text; "" when there is none."""
    try:
        with (data / "up.lock").open("r") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return handle.read().strip() or "unknown"
    except FileNotFoundError:
        pass
    return ""


def _refusal(data: Path, pid: str) -> str:
    return (
        f"An instance is already running in {data} (pid {pid}). Look at it with: posko status. Stop it with: posko down"
    )


def check_unchanged(wanted: Settings) -> None:
    """Raise LocalError when the instance was made with another election or number of partitions."""
    noted = files.read_json(wanted.data / "instance.json")
    for name, reason in FIXED.items():
        if name in noted and noted[name] != getattr(wanted, name):
            raise LocalError(
                f"The instance in {wanted.data} was made with {name} {noted[name]}, not {getattr(wanted, name)}. "
                f"It cannot be changed: {reason}. Start without that option, or take a new folder with --data"
            )


def note(wanted: Settings) -> None:
    """Write `instance.json`, from which commands learn how to reach the instance. It holds no secrets."""
    content = {name: getattr(wanted, name) for name in NOTED}
    files.write_json(wanted.data / "instance.json", {name: value for name, value in content.items() if value != ""})


@contextmanager
def registered(data: Path) -> Iterator[None]:
    """Leave the note by which commands without options find this instance while this process lives."""
    registry = settings.registry()
    registry.mkdir(parents=True, exist_ok=True)
    entry = registry / f"{os.getpid()}.json"
    started = psutil.Process().create_time()
    files.write_json(entry, {"data": str(data), "pid": os.getpid(), "started": started, "noted": time.time()})
    try:
        yield
    finally:
        entry.unlink(missing_ok=True)
