"""Thirty people look at *Situasi*, which refreshes every five seconds, while the sink stores what goes on arriving.

A second simulated day is stored with the sink's own writer, a second's reports at a time, each second: first alone,
then with the viewers. A viewer asks all panels at each refresh, six at a time, as a browser does.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice

from dashboards.grafana import asking, checking, variables
from dashboards.grafana.cached import cached
from dashboards.grafana.pages import PAGES
from dashboards.grafana.variables import Place
from posko import context, topics
from posko.settings import Settings
from sinks import clickhouse, offsets
from sinks.writer import Writer
from tests import played_day
from tests.played_day import Stored

EVERY_S = 5.0  # refresh of *Situasi*
RATE = 200  # reports a second
ALONE_S, BESIDE_S = 15, 45
BEHIND_S = 2.0  # so much later than it was due a batch may be stored
CONNECTIONS = 6  # of a browser to one server
HOURS = 6
PARTITION = 1  # the first day came from 0


@dataclass
class Kept:
    """Stands for the writer while the day is simulated: keeps what is to be stored, batch by batch."""

    batches: list[dict[str, Sequence[Stored]]] = field(default_factory=list)

    def matched(self, records: Sequence[Stored]) -> None:
        self.batches.append({"matched": records})

    def incidents(self, records: Sequence[Stored]) -> None:
        self.batches[-1]["incidents"] = records

    def rejected(self, records: Sequence[Stored]) -> None: ...

    def settle(self) -> None: ...


@dataclass(frozen=True)
class Watched:
    """Milliseconds: of storing a second's reports alone and beside viewers, and of a viewer's whole refresh."""

    alone: list[float]
    beside: list[float]
    refreshes: list[float]
    behind_s: float  # how late the latest batch began
    wrong: str

    @property
    def keeps_up(self) -> bool:
        """Whether the sink did not fall behind."""
        return self.behind_s < BEHIND_S


def measure(known: Settings, place: Place, viewers: int, seed: int, say: Callable[[str], None]) -> Watched:
    """Store alone, then beside `viewers`."""
    say(f"Simulating what arrives meanwhile, {RATE} reports a second")
    day, now = Kept(), int(time.time() * 1000)
    played_day.write(
        day, context.load("sumsel-2024"), now, seed + 1, (8, 12), RATE * (ALONE_S + BESIDE_S + 5), PARTITION, RATE
    )
    arriving = iter(day.batches)
    alone, _ = _stored(known, islice(arriving, ALONE_S))
    say(f"{viewers} viewers refresh Situasi every {EVERY_S:.0f} s")
    apart = multiprocessing.get_context("spawn")  # the sink is a process of its own, too
    with ProcessPoolExecutor(1, apart) as others:
        seen = others.submit(_watched, known, place, viewers, BESIDE_S)
        beside, behind = _stored(known, islice(arriving, BESIDE_S))
        refreshes, wrong = seen.result()
    return Watched(alone, beside, refreshes, behind, wrong)


def _stored(known: Settings, batches: Iterator[dict[str, Sequence[Stored]]]) -> tuple[list[float], float]:
    """Store a batch each second, the topics side by side, as the sink does: milliseconds of each; the worst delay."""
    took, behind, began = [], 0.0, time.monotonic()
    with clickhouse.connect(known) as client, ThreadPoolExecutor(2) as pool:
        writer, generation = Writer(client), offsets.generation(client).number
        for number, batch in enumerate(batches):
            wait = began + number - time.monotonic()
            behind = max(behind, -wait)
            time.sleep(max(0.0, wait))
            started = time.perf_counter()
            for done in [pool.submit(getattr(writer, topic), records) for topic, records in batch.items()]:
                done.result()
            writer.settle()
            offsets.consumed(client, generation, {(topics.MATCHED, PARTITION): number})
            took.append(1000 * (time.perf_counter() - started))
    return took, behind


def _watched(known: Settings, place: Place, viewers: int, seconds: float) -> tuple[list[float], str]:
    """Viewers who began one after the other: milliseconds of each refresh; what was wrong with an answer."""
    over = time.monotonic() + seconds

    page = PAGES["situasi"]
    given = variables.given(page, place)

    def look(number: int) -> tuple[list[float], str]:
        took, wrong = [], ""
        time.sleep(EVERY_S * number / viewers)
        with asking.door(known) as ask, ThreadPoolExecutor(CONNECTIONS) as asked:
            while (began := time.monotonic()) < over:
                span = asking.until_now(HOURS)
                answers = asked.map(
                    lambda panel, span=span: checking.judge(panel, ask(cached(panel.sql), given, span)), page.panels
                )
                wrong = wrong or next(filter(None, [*answers]), "")
                took.append(1000 * (time.monotonic() - began))
                time.sleep(max(0.0, began + EVERY_S - time.monotonic()))
        return took, wrong

    with ThreadPoolExecutor(viewers) as pool:
        seen = list(pool.map(look, range(viewers)))
    return [one for took, _ in seen for one in took], next((wrong for _, wrong in seen if wrong), "")
