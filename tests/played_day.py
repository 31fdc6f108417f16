"""A day of Sumatera Selatan in the tables, with people who act: what dashboards are checked, measured and looked at on.

The simulator's messages go through the real intake, correlate and writer. Agencies take on, verify, resolve and reject
incidents minutes to hours later, drawn from a seed; deadlines that pass escalate by the real timers.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, NamedTuple, Protocol
from uuid import UUID

import orjson
from clickhouse_connect.driver.client import Client

from posko import context, topics
from posko.context import Context
from posko.correlate import Correlator
from posko.intake import Intake
from posko.life import message
from posko.life.acts import Unanswered
from posko.report import Invalid
from producers.simulator import run
from sinks import migrate, offsets, regions
from sinks.writer import Writer

MINUTE = 60_000
BATCH = 500


class Stored(NamedTuple):
    """A message as the sink gets it."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes
    value: bytes
    headers: Sequence[tuple[str, bytes]] = ()


@dataclass
class People:
    """Who does what to an incident, and when: three in four are taken on, most of these verified, half resolved."""

    draw: random.Random
    due: list[tuple[int, int, str, str, str]] = field(default_factory=list)
    turn: Iterator[int] = field(default_factory=count)

    def see(self, opened: dict[str, Any]) -> None:
        """A new incident: plan what becomes of it."""
        at, agency = opened["received_at"], opened["lead_agency"]
        if self.draw.random() > 0.75:
            return
        at = self._plan(at, 9, "acknowledge", opened, agency)
        fate = self.draw.random()
        if fate < 0.1:
            self._plan(at, 25, "reject", opened, agency)
        elif fate < 0.8:
            at = self._plan(at, 25, "verify", opened, agency)
            if self.draw.random() < 0.75:
                self._plan(at, 70, "resolve", opened, agency)

    def _plan(self, at: int, minutes: float, action: str, opened: dict[str, Any], agency: str) -> int:
        at += int(self.draw.expovariate(1 / minutes) * MINUTE) + MINUTE
        heapq.heappush(self.due, (at, next(self.turn), action, opened["incident_id"], agency))
        return at

    def until(self, now: int) -> Iterator[dict[str, Any]]:
        """What is done until `now`, in order."""
        while self.due and self.due[0][0] <= now:
            at, number, action, incident, agency = heapq.heappop(self.due)
            yield {
                "type": "action", "action_id": str(UUID(int=number)), "incident_id": incident, "action": action,
                "actor": f"petugas-{agency}", "role": "operator", "institution": agency, "received_at": at,
                "expected_version": None, "why": "sudah dicek", "value": "sudah dicek", "group": False, "reports": [],
                "source_partition": 0, "source_offset": number,
            }  # fmt: skip


class Storing(Protocol):
    """What the sink's writer offers."""

    def matched(self, records: Sequence[Stored]) -> None: ...
    def incidents(self, records: Sequence[Stored]) -> None: ...
    def rejected(self, records: Sequence[Stored]) -> None: ...


def play(client: Client, now: int, seed: int = 7, hours: tuple[int, int] = (4, 14), reports: int | None = None) -> None:
    """Store the day's `hours`, received until `now` (ms), in tables that are made when missing."""
    migrate.apply(client)
    known = context.load("sumsel-2024")
    regions.load(client, list(known.regions.all.values()))
    last = write(Writer(client), known, now, seed, hours, reports)
    _pipeline(client)
    offsets.consumed(client, offsets.generation(client).number, {(topics.MATCHED, 0): last})


def write(
    writer: Storing,
    known: Context,
    now: int,
    seed: int,
    hours: tuple[int, int],
    reports: int | None = None,
    partition: int = 0,
    at_once: int = BATCH,
) -> int:
    """Give the day to a writer, `at_once` reports a batch, as if they came from `partition`; the next offset there."""
    options: dict[str, Any] = {"size": "day", "reports": reports, "hours": hours}
    day = run.plan(known, seed=seed, **options, speed=0.0, rate=0.0, duration=0.0).day
    intake = Intake(known.election, known.catalog, known.regions)
    state, people = Correlator(known.catalog), People(random.Random(seed))
    later, ticked, following, refused = now - day.span.end, 0, 0, []
    matched: list[dict[str, Any]] = []
    for offset, sent in enumerate(day.messages()):
        if reports is not None and offset >= reports:
            break
        at = sent.at + later
        try:
            enriched = intake.enrich(sent.value, at, partition, offset)
        except Invalid as error:
            refused.append(_refusal(error, sent.value, at, offset))
            continue
        following = offset + 1
        found = state.take(enriched)
        matched.append(found)
        if found["match"] == "new" and not found["duplicate"]:
            people.see(found)
        if at - ticked >= MINUTE:
            ticked = at
            _act(state, people, at)
        if len(matched) >= at_once:
            _store(writer, state, matched)
            matched = []
    _act(state, people, now)
    _store(writer, state, matched)
    writer.rejected(refused)
    return following


def _act(state: Correlator, people: People, now: int) -> None:
    for action in people.until(now):
        try:
            state.take_action(action)
        except Unanswered:
            continue
    state.take_tick(message.tick(now))


def _store(writer: Storing, state: Correlator, matched: list[dict[str, Any]]) -> None:
    outcome = state.flush()
    for topic, found, store in (
        (topics.MATCHED, matched, writer.matched), (topics.INCIDENTS, outcome.incidents, writer.incidents)
    ):  # fmt: skip
        store([Stored(topic, 0, n, 0, b"", orjson.dumps(message)) for n, message in enumerate(found)])
    writer.settle()


def _refusal(error: Invalid, value: bytes | None, at: int, offset: int) -> Stored:
    said = {"reason": error.reason, "field": error.field, "detail": error.detail, "topic": topics.REPORTS}
    said |= {"partition": "0", "offset": str(offset), "received_at": str(at)}
    headers = [(name, text.encode()) for name, text in said.items()]
    return Stored(topics.REJECTED, 0, offset, at, b"", value or b"", headers)


def _pipeline(client: Client) -> None:
    """What the sink would have counted of each report's way; nothing was measured here, so the durations are drawn."""
    client.command(
        "INSERT INTO posko.pipeline_rows "
        "SELECT toStartOfInterval(received_at, INTERVAL 10 SECOND), 'matched', one.1, "
        "toUInt32(one.2 * spread), toUInt32(one.2 * spread * 1.15), count() "
        "FROM (SELECT received_at, 1 + cityHash64(report_id) % 100 / 50 AS spread FROM posko.reports) "
        "ARRAY JOIN [('send', 40), ('intake_wait', 60), ('intake', 20), ('correlate_wait', 90), ('correlate', 60), "
        "('sink_wait', 180), ('store', 60), ('since_received', 420), ('total', 470)] AS one GROUP BY ALL"
    )
