"""What a growing state costs: a national day's reports through intake and the Correlators of a worker, in this process.

No broker: what is measured is processor time a report, resident memory as incidents become many, the size of the
changelog, and how long a fresh worker takes to have that state back. The day is the simulator's, read as it is made.
"""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from time import process_time

import orjson
import psutil
from rich.table import Table

from posko import context, topics
from posko.correlate import Correlator
from posko.intake import Intake
from posko.report import Invalid
from streams.run import collect_rarely

ELECTION = "indonesia-2024"
DAY = 5_000_000  # reports of the simulated day, of which the first are taken
BATCH = 150  # reports in a batch of each partition
SAMPLES = 10


@dataclass(frozen=True)
class Sample:
    """After `reports`: what is kept, resident memory in MB, microseconds of processor time a report since the sample
    before."""

    reports: int
    incidents: int
    memory: float
    intake: float
    correlate: float


@dataclass
class Grown:
    """`changelog`: the last value of each key, MB; `restore`: seconds of processor time until a fresh state takes
    reports."""

    samples: list[Sample] = field(default_factory=list)
    changelog: float = 0.0
    restore: float = 0.0


class Changelog:
    """Compacted, as Kafka has it, in a file: it must not count as the worker's memory."""

    def __init__(self, path: Path) -> None:
        self._base = sqlite3.connect(path, isolation_level=None)
        self._base.execute("PRAGMA synchronous=OFF")
        self._base.execute("PRAGMA journal_mode=OFF")
        self._base.execute("CREATE TABLE log (part INT, key BLOB, value BLOB, PRIMARY KEY (part, key)) WITHOUT ROWID")

    def write(self, part: int, entries: list[tuple[bytes, bytes | None]]) -> None:
        self._base.execute("BEGIN")
        self._base.executemany("REPLACE INTO log VALUES (?, ?, ?)", [(part, *entry) for entry in entries])
        self._base.execute("COMMIT")

    def read(self, part: int) -> Iterator[tuple[bytes, bytes | None]]:
        yield from self._base.execute("SELECT key, value FROM log WHERE part = ?", (part,))

    def size(self) -> int:
        """Bytes of keys and values."""
        return int(self._base.execute("SELECT sum(length(key) + length(value)) FROM log").fetchone()[0] or 0)


def measure(reports: int, partitions: int, seed: int, say: Callable[[str], None]) -> Grown:
    """Take the first `reports` of the day."""
    known = context.load(ELECTION)
    intake = Intake(known.election, known.catalog, known.regions)
    states = [Correlator(known.catalog, known.election.timezone) for _ in range(partitions)]
    collect_rarely()
    grown = Grown()
    with tempfile.TemporaryDirectory(prefix="posko-bench-") as folder:
        changelog = Changelog(Path(folder) / "changelog.sqlite3")
        _grow(grown, states, intake, changelog, reports, seed, say)
        grown.changelog = changelog.size() / 1e6
        states.clear()
        _restore(grown, known, changelog, partitions)
    return grown


def _grow(
    grown: Grown, states: list[Correlator], intake: Intake, log: Changelog, reports: int, seed: int,
    say: Callable[[str], None],
) -> None:  # fmt: skip
    memory = psutil.Process().memory_info
    waiting: list[list[bytes]] = [[] for _ in states]
    taken = now = 0
    reading = correlating = 0.0
    every = max(1, reports // SAMPLES)
    for offset, line in enumerate(_day(reports, seed)):
        began = process_time()
        try:
            report = intake.enrich(line, now, 0, offset)
        except Invalid:
            continue
        now = max(now, report["reported_at"])
        part = topics.partition_of(report["scope"].encode(), len(states))
        waiting[part].append(orjson.dumps({**report, "received_at": now}))
        reading += process_time() - began
        if len(waiting[part]) == BATCH:
            began = process_time()
            outcome = states[part].apply([orjson.loads(value) for value in waiting[part]])
            for message in (*outcome.matched, *outcome.incidents):
                orjson.dumps(message)
            correlating += process_time() - began
            waiting[part].clear()
            log.write(part, outcome.changelog)
        taken += 1
        if taken % every == 0:
            kept = sum(state.incidents for state in states)
            grown.samples.append(
                Sample(taken, kept, memory().rss / 1e6, 1e6 * reading / every, 1e6 * correlating / every)
            )
            say(f"{taken:,} reports, {kept:,} incidents, {grown.samples[-1].memory:.0f} MB")
            reading = correlating = 0.0


def _restore(grown: Grown, known: context.Context, log: Changelog, partitions: int) -> None:
    for part in range(partitions):
        entries = list(log.read(part))
        state = Correlator(known.catalog, known.election.timezone)
        began = process_time()
        for key, value in entries:
            state.restore(key, value)
        state.restored()
        grown.restore += process_time() - began


def _day(reports: int, seed: int) -> Iterator[bytes]:
    command = [sys.executable, "-P", "-m", "posko", "simulate", "--election", ELECTION, "--reports", str(DAY)]
    command += ["--speed", "0", "--seed", str(seed), "--out", "-", "--progress", "none"]
    with tempfile.TemporaryDirectory(prefix="posko-bench-") as folder:  # of no instance that may be running
        simulator = subprocess.Popen([*command, "--data", folder], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert simulator.stdout
        try:
            for _, line in zip(range(reports * 11 // 10), simulator.stdout, strict=False):
                yield line.strip()
        finally:
            simulator.kill()
            simulator.wait()


def shown(grown: Grown) -> Table:
    """For people."""
    table = Table("reports", "incidents", "MB", "intake us", "correlate us")
    for one in grown.samples:
        table.add_row(
            f"{one.reports:,}", f"{one.incidents:,}", f"{one.memory:.0f}", f"{one.intake:.0f}", f"{one.correlate:.0f}"
        )
    table.caption = f"changelog {grown.changelog:.0f} MB; restored in {grown.restore:.1f} s of processor time"
    return table
