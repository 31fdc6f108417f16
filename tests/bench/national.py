"""A day of all Indonesia through a whole instance: reports a second, peak memory of each process, recovery of a worker.

The day comes from the simulator: 435,296 TPS, with as many times the usual events as the number of reports needs. When
everything is stored, one stream worker is killed: recovery is the time until it has its partitions' state back.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from clickhouse_connect.driver.client import Client
from rich.table import Table

from posko import settings
from posko.local import state
from posko.local.errors import LocalError
from sinks import clickhouse

ELECTION = "indonesia-2024"
EVERY_S = 2.0
SAY_S = 30.0
BACK_S = 300.0
WORKER_MB, RECOVERY_S = 600, 10.0  # what is promised
_STORED = "SELECT (SELECT count() FROM posko.reports_rows) + (SELECT count() FROM posko.resends_rows)"


@dataclass
class Replay:
    """What was measured. Memory is resident, in MB; rates count from the first report stored to the last."""

    sent: int = 0
    stored: int = 0
    incidents: int = 0
    seconds: float = 0.0
    peak: dict[str, float] = field(default_factory=dict)
    recovery: float = 0.0
    disk_gb: float = 0.0

    @property
    def rate(self) -> float:
        """Reports stored a second."""
        return self.stored / self.seconds if self.seconds else 0.0

    @property
    def holds(self) -> bool:
        """Whether workers stayed small and came back fast."""
        workers = [peak for name, peak in self.peak.items() if name.startswith("stream")]
        return max(workers) < WORKER_MB and self.recovery < RECOVERY_S


def measure(
    reports: int, workers: int, partitions: int, seed: int, data: Path, port_base: int, say: Callable[[str], None]
) -> Replay:
    """Play the day into a new instance in `data`, which is stopped at the end. Raises LocalError when something ends
    too early."""
    posko = [sys.executable, "-P", "-m", "posko"]
    given = ["--data", str(data), "--port-base", str(port_base)]
    made = [*given, "--election", ELECTION, "--workers", str(workers), "--partitions", str(partitions), "--detach"]
    subprocess.run([*posko, "up", *made], check=True, stdout=subprocess.DEVNULL)
    try:
        client = clickhouse.connect(settings.load(data=data))
        played = Replay()
        command = [
            *posko,
            "simulate",
            "--data",
            str(data),
            "--seed",
            str(seed),
            "--reports",
            str(reports),
            "--speed",
            "0",
        ]
        sender = subprocess.Popen([*command, "--progress", "none"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            _watch(played, sender, client, data, say)
        finally:
            sender.kill()
            sender.wait()
        played.recovery = _recover(data)
        _memory(played, data)
        played.incidents = int(client.command("SELECT count() FROM posko.incidents_rows FINAL"))
        played.disk_gb = sum(path.stat().st_size for path in data.rglob("*") if path.is_file()) / 1e9
        return played
    finally:
        subprocess.run([*posko, "down", "--data", str(data)], check=False, stdout=subprocess.DEVNULL)


def _watch(
    played: Replay, sender: subprocess.Popen[bytes], client: Client, data: Path, say: Callable[[str], None]
) -> None:
    """Until everything that was sent is stored or rejected."""
    first, said = 0.0, time.monotonic()
    while True:
        time.sleep(EVERY_S)
        now = time.monotonic()
        _memory(played, data, sender.pid)
        stored = int(client.command(_STORED))
        if stored and not first:
            first, before = now, stored
        if stored > played.stored:
            played.stored, played.seconds = stored, now - first
        if now - said > SAY_S:
            said = now
            say(
                f"{stored:,} stored, {', '.join(f'{name} {peak:.0f} MB' for name, peak in sorted(played.peak.items()))}"
            )
        if sender.poll():
            assert sender.stderr
            raise LocalError(
                f"The simulator ended with status {sender.returncode}:\n{sender.stderr.read().decode()[-2000:]}"
            )
        if sender.returncode == 0:
            drained = subprocess.run(
                [sys.executable, "-P", "-m", "posko", "drain", "--data", str(data), "--timeout", str(EVERY_S)],
                check=False, capture_output=True,
            )  # fmt: skip
            if drained.returncode == 0:
                break
    played.stored = int(client.command(_STORED)) - before
    played.seconds = time.monotonic() - first


def _memory(played: Replay, data: Path, sender: int | None = None) -> None:
    known = state.read(data)
    processes = {service.name: service.pid for service in known.services} if known else {}
    for name, pid in {**processes, "simulator": sender}.items():
        if pid is None:
            continue
        try:
            found = psutil.Process(pid).memory_info().rss / 1e6
        except psutil.Error:
            continue
        played.peak[name] = max(found, played.peak.get(name, 0.0))


def _recover(data: Path) -> float:
    """Seconds from SIGKILL of the first worker until it is ready again with all its state."""
    worker = _service(data)
    assert worker.pid
    os.kill(worker.pid, signal.SIGKILL)
    began = time.monotonic()
    while (now := _service(data)).state != "running" or now.pid == worker.pid:
        if time.monotonic() - began > BACK_S:
            raise LocalError(f"stream-1 is not back {BACK_S:.0f} s after it was killed; see {data / 'logs'}")
        time.sleep(0.05)
    return time.monotonic() - began


def _service(data: Path) -> state.ServiceState:
    known = state.read(data)
    assert known
    return next(service for service in known.services if service.name == "stream-1")


def shown(played: Replay) -> Table:
    """For people."""
    table = Table("what", "measured", "promised")
    table.add_row("reports stored", f"{played.stored:,} in {played.seconds:.0f} s", "")
    table.add_row("reports a second", f"{played.rate:,.0f}", "")
    table.add_row("incidents", f"{played.incidents:,}", "")
    for name, peak in sorted(played.peak.items()):
        table.add_row(
            f"peak memory of {name}", f"{peak:.0f} MB", f"{WORKER_MB} MB" if name.startswith("stream") else ""
        )
    table.add_row("recovery of a killed worker", f"{played.recovery:.1f} s", f"{RECOVERY_S:.0f} s")
    table.add_row("on disk", f"{played.disk_gb:.1f} GB", "")
    return table
