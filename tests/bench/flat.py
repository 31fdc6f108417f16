"""Does correlating a report cost the same after a long history as after a short one?

Two states take the same last reports in turns, batch by batch, so that whatever else the machine does hits both alike.
One of them has seen a hundred times as many reports before. Days follow each other as they would on the calendar: the
history is longer, reports do not come quicker.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import mean, median
from time import thread_time
from typing import Any

from posko import context
from posko.correlate import Correlator
from streams.run import collect_rarely
from tests.bench import corpus

DAY_MS = 86_400_000
TIMES = ("occurred_at", "reported_at", "received_at")
BATCH = 100
Report = dict[str, Any]


@dataclass(frozen=True)
class Cost:
    """Microseconds of processor time a report, over the last reports. `history`: reports taken before them."""

    history: int
    incidents: int
    median: float
    mean: float


def measure(short: int, factor: int, last: int, election: str, say: Callable[[str], None]) -> tuple[Cost, Cost]:
    """The cost of the same `last` reports after `short` and after `factor * short` others."""
    say(f"Simulating {short * factor + last:,} reports")
    stream = list(days(short * factor + last, election))
    catalog = context.load(election).catalog
    young, old = Correlator(catalog), Correlator(catalog)
    say("Filling the states")
    _feed(old, stream[:-last])
    _feed(young, stream[-last - short : -last])
    incidents = young.incidents, old.incidents
    collect_rarely()
    times: tuple[list[float], list[float]] = ([], [])
    say(f"Measuring the last {last:,}")
    for number, (begin, end) in enumerate(pairwise(range(len(stream) - last, len(stream) + 1, BATCH))):
        turns = list(zip((young, old), times, strict=True))
        for state, found in turns if number % 2 else reversed(turns):
            began = thread_time()
            state.apply(stream[begin:end])
            found.append(1e6 * (thread_time() - began) / BATCH)
    return (
        Cost(short, incidents[0], median(times[0]), mean(times[0])),
        Cost(short * factor, incidents[1], median(times[1]), mean(times[1])),
    )


def days(count: int, election: str) -> Iterator[Report]:
    """`count` enriched reports of simulated days, each with a seed of its own, one after the other."""
    with tempfile.TemporaryDirectory(prefix="posko-bench-") as folder:
        seed = 0
        while count > 0:
            seed += 1
            day = corpus.day(election, Path(folder), seed)
            for report in day[:count]:
                yield shifted(report, (seed - 1) * DAY_MS)
            count -= len(day)


def shifted(report: Report, by: int) -> Report:
    """The report, `by` milliseconds later."""
    return {**report, **{name: report[name] + by for name in TIMES if report[name] is not None}}


def _feed(state: Correlator, reports: list[Report]) -> None:
    for begin in range(0, len(reports), BATCH):
        state.apply(reports[begin : begin + BATCH])
