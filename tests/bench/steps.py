"""Where a report's time goes in the domain: each step timed inside the real functions, its own time only.

The machinery around it is timed on record batches in memory; what a broker and a network add is in the comparison.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from functools import wraps
from pathlib import Path
from time import thread_time
from typing import Any
from unittest.mock import patch

import orjson
from aiokafka.record.default_records import DefaultRecordBatch, DefaultRecordBatchBuilder
from rich.table import Table

from posko import context, intake, place
from posko.correlate import Correlator, candidates, choice, correlator, memory, opening, record
from posko.intake import Intake
from posko.matching import features
from streams.run import collect_rarely
from tests.bench import corpus
from tests.bench.corpus import Corpus, Pair

BATCH = 500


class Clock:
    """Processor time by step: what a step calls that is a step itself counts for that one."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._inner = [0.0]

    def wrap(self, step: str, work: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(work)
        def timed(*args: Any, **kwargs: Any) -> Any:
            self._inner.append(0.0)
            began = thread_time()
            try:
                return work(*args, **kwargs)
            finally:
                took = thread_time() - began
                self.seconds[step] = self.seconds.get(step, 0.0) + took - self._inner.pop()
                self._inner[-1] += took

        return timed


# Step -> what it calls, where it is looked up: the name is replaced while measuring.
INTAKE_STEPS = (
    ("parse", intake, "parse"),
    ("place", place.Places, "resolve"),
    ("text (places)", place, "normalise"),
    ("content hash", intake, "blake2b"),
)
CORRELATE_STEPS = (
    ("text", features, "normalise"),
    ("features", features.ReportFeatures, "of"),
    ("echo of own words", memory, "echo_of"),
    ("candidates: find", candidates.Candidates, "find"),
    ("candidates: post", candidates.Candidates, "post"),
    ("compare", correlator, "choose"),
    ("compare: outline", choice, "outline"),
    ("compare: judge", choice, "judge"),
    ("event learns", features.EventFeatures, "learn"),
    ("incident opens", opening, "opened"),
    ("incident joined", opening, "joined"),
    ("incident refined", opening, "refined"),
    ("unpack incident", record.Record, "public"),
    ("ids and echoes", memory.Memory, "remember"),
    ("ids and echoes", memory.Memory, "echoed"),
    ("pack incidents, changelog", record.Record, "pack"),
)
Steps = dict[str, float]


def measure(count: int, election: str) -> dict[str, Steps]:
    """Microseconds a report by step, for intake and for correlate."""
    with tempfile.TemporaryDirectory(prefix="posko-bench-") as folder:
        known = corpus.simulated(count, election, Path(folder))
    return {"intake": _intake(known, election), "correlate": _correlate(known, election)}


def _intake(known: Corpus, election: str) -> Steps:
    loaded = context.load(election)
    work = Intake(loaded.election, loaded.catalog, loaded.regions)
    raws = [value for _, value in known.reports]
    for raw in raws[:2000]:
        work.enrich(raw, 0, 0, 0)
    collect_rarely()
    clock = Clock()
    with _timed(clock, INTAKE_STEPS):
        enrich = clock.wrap("rest of intake", work.enrich)
        out = [enrich(raw, received["received_at"], 0, 0) for raw, received in zip(raws, known.enriched, strict=True)]
    pairs = [(report["scope"].encode(), clock.wrap("JSON out", orjson.dumps)(report)) for report in out]
    return _machinery(clock, known.reports, pairs)


def _correlate(known: Corpus, election: str) -> Steps:
    state = Correlator(context.load(election).catalog)
    clock = Clock()
    collect_rarely()
    came = known.enriched_pairs()
    pairs: list[Pair] = []
    load, dump = clock.wrap("JSON in", orjson.loads), clock.wrap("JSON out", orjson.dumps)
    with _timed(clock, CORRELATE_STEPS):
        take, flush = clock.wrap("rest of correlate", state.take), clock.wrap("rest of correlate", state.flush)
        for begin in range(0, len(came), BATCH):
            matched = [take(load(value)) for _, value in came[begin : begin + BATCH]]
            outcome = flush()
            pairs += [(one["incident_id"].encode(), dump(one)) for one in (*matched, *outcome.incidents)]
            pairs += [(key, value) for key, value in outcome.changelog if value is not None]
    return _machinery(clock, came, pairs)


def _timed(clock: Clock, steps: tuple[tuple[str, Any, str], ...]) -> ExitStack:
    stack = ExitStack()
    for step, where, name in steps:
        work = getattr(where, name)
        timed = property(clock.wrap(step, work.fget)) if isinstance(work, property) else clock.wrap(step, work)
        stack.enter_context(patch.object(where, name, timed))
    return stack


def _machinery(clock: Clock, came: list[Pair], went: list[Pair]) -> Steps:
    packed = [_packed(came[begin : begin + BATCH]) for begin in range(0, len(came), BATCH)]
    clock.wrap("Kafka in", lambda: [list(DefaultRecordBatch(bytearray(lot))) for lot in packed])()
    clock.wrap("Kafka out", lambda: [_packed(went[begin : begin + BATCH]) for begin in range(0, len(went), BATCH)])()
    return {step: 1e6 * took / len(came) for step, took in clock.seconds.items()}


def _packed(pairs: list[Pair]) -> bytes:
    builder = DefaultRecordBatchBuilder(2, 0, 1, -1, -1, -1, 1 << 24)
    for offset, (key, value) in enumerate(pairs):
        builder.append(offset, 0, key, value, [])
    return bytes(builder.build())


def shown(part: str, costs: Steps) -> Table:
    """For people, the dearest step first."""
    table = Table(part, "us a report", "%", title_style="bold")
    whole = sum(costs.values())
    for step, us in sorted(costs.items(), key=lambda item: -item[1]):
        table.add_row(step, f"{us:.1f}", f"{100 * us / whole:.0f}")
    table.add_row("all", f"{whole:.1f}", "100", style="bold")
    return table
