"""The comparison behind `posko bench`: every row, every side, repetition by repetition."""

from __future__ import annotations

import platform
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psutil

from posko import kafka_admin, log, topics
from tests import processes
from tests.bench import corpus, queryable, run
from tests.bench.corpus import Corpus
from tests.bench.job import AT_LEAST_ONCE, CORRELATE, EXACTLY_ONCE, INTAKE, PARSE, QUERYABLE, Job
from tests.bench.table import OURS, Figure

TITLES = {
    PARSE: "consume and parse",
    INTAKE: "full intake",
    CORRELATE: "full correlate with state",
    QUERYABLE: "send to queryable",
}
REPORTS, LONG, ENRICHED = "bench.reports", "bench.reports-long", "bench.enriched"  # what all sides read
SOURCES = {PARSE: LONG, INTAKE: REPORTS, CORRELATE: ENRICHED, QUERYABLE: REPORTS}
PARSED_TIMES = 16  # so many times the reports are in LONG: parsing is so quick that starts and ends would count


@dataclass(frozen=True)
class Entry:
    """One side of a row: module of tests.bench, name for people, guarantee."""

    module: str
    side: str
    guarantee: str


OURS_EXACTLY = Entry("ours", OURS, EXACTLY_ONCE)
QUIX_AT_LEAST = Entry("quix", "Quix Streams", AT_LEAST_ONCE)
QUIX_EXACTLY = Entry("quix", "Quix Streams", EXACTLY_ONCE)
BYTEWAX = Entry("bytewax_flow", "Bytewax", AT_LEAST_ONCE)
ENTRIES = (OURS_EXACTLY, QUIX_AT_LEAST, QUIX_EXACTLY, BYTEWAX)


@dataclass(frozen=True)
class Options:
    """What is measured how often, with what."""

    rows: Sequence[str]
    reports: int
    repeat: int
    partitions: int
    election: str
    port_base: int = 0
    sides: Sequence[str] = ()  # names of modules; empty: all


def measure(options: Options, peers: str, ours: str, say: Callable[[str], None]) -> list[Figure]:
    """All figures. `peers` and `ours`: the Pythons of either side."""
    log.configure("warning")
    with tempfile.TemporaryDirectory(prefix="posko-bench-") as name:
        folder = Path(name)
        base = processes.free_ports(options.port_base)
        say(f"Simulating {options.reports:,} reports")
        known = corpus.simulated(options.reports, options.election, folder)
        with processes.broker(folder / "kafka", base) as kafka:
            fill(kafka, known, options.rows, options.partitions)
            bench = _Bench(options, kafka, folder, base, {"ours": ours}, peers, len(known.reports), say)
            return [figure for row in options.rows for figure in bench.row(row)]


def fill(kafka: str, known: Corpus, rows: Sequence[str], partitions: int) -> None:
    """Make and fill the topics that all sides read in these rows."""
    names = {SOURCES[row] for row in rows}
    kafka_admin.ensure_topics(kafka, partitions, wanted=[topics.Topic(name, topics.ALL[0].config) for name in names])
    for name in names:
        pairs = known.enriched_pairs() if name == ENRICHED else known.reports * (PARSED_TIMES if name == LONG else 1)
        corpus.fill(kafka, name, pairs, partitions)


@dataclass
class _Bench:
    options: Options
    kafka: str
    folder: Path
    port_base: int
    pythons: dict[str, str]
    peers: str
    count: int
    say: Callable[[str], None]
    runs: int = 0

    def row(self, row: str) -> list[Figure]:
        entries = [entry for entry in ENTRIES if not self.options.sides or entry.module in self.options.sides]
        figures = [Figure(row, entry.side, entry.guarantee, self.job(row, entry.guarantee).count) for entry in entries]
        for number in range(self.options.repeat):
            for entry, figure in zip(entries, figures, strict=True):
                if not figure.failed:
                    self.say(f"{TITLES[row]}, {entry.side} {entry.guarantee}, {number + 1} of {self.options.repeat}")
                    self._once(row, entry, figure)
        return figures

    def _once(self, row: str, entry: Entry, figure: Figure) -> None:
        job = self.job(row, entry.guarantee)
        Path(job.folder).mkdir()
        python = self.pythons.get(entry.module, self.peers)
        measure = queryable.took if row == QUERYABLE else run.took
        try:
            with run.output_topics(job), self._engine(job) as job:
                figure.add(*measure(python, entry.module, job, Path(job.folder) / "log"))
        except run.RunFailed as error:
            figure.failed = str(error)
            self.say(str(error))

    def job(self, row: str, guarantee: str) -> Job:
        """A run's job with topics of its own."""
        self.runs += 1
        long = row == PARSE
        return Job(
            row=row, guarantee=guarantee, kafka=self.kafka, election=self.options.election,
            reports=LONG if long else REPORTS, enriched=ENRICHED,
            prefix=f"run{self.runs}.", partitions=self.options.partitions,
            count=self.count * (PARSED_TIMES if long else 1), folder=str(self.folder / f"run{self.runs}"),
        )  # fmt: skip

    @contextmanager
    def _engine(self, job: Job) -> Iterator[Job]:
        if job.row != QUERYABLE:
            yield job
            return
        with processes.engine(Path(job.folder) / "engine", self.port_base) as known:
            password = known.clickhouse_password.get_secret_value()
            yield replace(job, clickhouse=known.clickhouse_url, password=password)


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    return {
        "cores": psutil.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9),
        "processor": _processor(),
        "python": platform.python_version(),
        "system": platform.system(),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
