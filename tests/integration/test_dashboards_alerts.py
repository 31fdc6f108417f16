"""Each alert rule fires on what it is about and resolves when that is over, on data written into the real engine."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client

from dashboards.grafana import alerts, asking
from dashboards.grafana.asking import Ask
from dashboards.grafana.variables import Place
from posko import context, topics
from posko.settings import Settings
from sinks import regions
from sinks.writer import Writer
from tests.integration.sink_tables import empty
from tests.unit.sinks.examples import incident, matched, records, rejection

KNOWN = context.load("sumsel-2024")
PLACE = Place(KNOWN.election, "http://127.0.0.1:29004")
RULES = {rule.name: rule for rule in alerts.RULES}
PALEMBANG = "Kota Palembang"
MINUTE = 60_000


class Room:
    """Empty tables with the regions in them; `value` is what a rule sees now, by its label."""

    def __init__(self, client: Client, ask: Ask) -> None:
        self.client, self.ask, self.writer = client, ask, Writer(client)
        self.now = int(time.time() * 1000)
        self.number = 0

    def fires(self, name: str) -> set[str]:
        """Labels for which the rule is above its threshold."""
        answer = self.ask(RULES[name].sql(PLACE), {}, asking.until_now(1))
        labels, numbers = answer.values(answer.columns[0]), answer.values("value")
        return {label for label, value in zip(labels, numbers, strict=True) if value > RULES[name].above}

    def incident(self, number: int, version: int = 1, **given: Any) -> None:
        opened = {
            "opened_at": self.now - 20 * MINUTE,
            "ack_due": self.now - MINUTE,
            "resolve_due": self.now + 60 * MINUTE,
        }
        self.writer.incidents(records(topics.INCIDENTS, [incident(number, version, **opened | given)]))
        self.writer.settle()

    def reports(self, minutes_ago: float, count: int, **given: Any) -> None:
        rows = []
        for _ in range(count):
            self.number += 1
            at = int(self.now - minutes_ago * MINUTE)
            rows.append(matched(self.number, **{"received_at": at, "regency": "16.71"} | given))
        self.writer.matched(records(topics.MATCHED, rows))
        self.writer.settle()

    def rejects(self, minutes_ago: float, count: int) -> None:
        rows = []
        for _ in range(count):
            self.number += 1
            rows.append(rejection(self.number, b"x", received_at=str(int(self.now - minutes_ago * MINUTE))))
        self.writer.rejected(rows)

    def passages(self, seconds_ago: int, ms: int, reports: int) -> None:
        self.client.command(
            "INSERT INTO posko.pipeline_rows SELECT now() - {ago:UInt32}, 'matched', 'since_received', {ms:UInt32}, "
            "{ms:UInt32}, {reports:UInt64}",
            parameters={"ago": seconds_ago, "ms": ms, "reports": reports},
        )


@pytest.fixture
def room(engine: Settings) -> Iterator[Room]:
    with empty(engine) as client, asking.door(engine) as ask:
        regions.load(client, list(KNOWN.regions.all.values()))
        client.command("TRUNCATE TABLE posko.pipeline_rows")
        yield Room(client, ask)


def security(room: Room) -> None:
    room.incident(1, category="security", severity=5)


def security_over(room: Room) -> None:
    room.incident(1, 2, category="security", severity=5, status="acknowledged")


def logistics(room: Room) -> None:
    room.incident(1, category="logistics", phase="distribution")


def logistics_over(room: Room) -> None:
    room.incident(1, 2, category="logistics", phase="distribution", status="resolved")


def hoax(room: Room) -> None:
    room.reports(60, 3, category="hoax", incident_id="16-A1")
    room.reports(5, 12, category="hoax", incident_id="16-A1")


def hoax_over(room: Room) -> None:
    room.reports(60, 200, category="hoax", incident_id="16-A1")


def silent(room: Room) -> None:
    for minutes in range(20, 130, 10):
        room.reports(minutes, 5)
    room.reports(1, 3, regency="16.02")


def silent_over(room: Room) -> None:
    room.reports(1, 1)


def slow(room: Room) -> None:
    room.passages(20, 45_000, 100)


def slow_over(room: Room) -> None:
    room.passages(10, 300, 20_000)


def rejecting(room: Room) -> None:
    room.rejects(40, 6)
    room.rejects(5, 30)


def rejecting_over(room: Room) -> None:
    room.rejects(40, 100)


CASES: list[tuple[str, str, Callable[[Room], None], Callable[[Room], None]]] = [
    ("security_unheld", PALEMBANG, security, security_over),
    ("logistics_after_phase", PALEMBANG, logistics, logistics_over),
    ("hoax_spreading", "16-A1", hoax, hoax_over),
    ("silence", PALEMBANG, silent, silent_over),
    ("pipeline_lag", "jalur data", slow, slow_over),
    ("rejected_rising", "not_json", rejecting, rejecting_over),
]


def test_each_rule_has_its_case() -> None:
    assert [name for name, *_ in CASES] == list(RULES)


@pytest.mark.parametrize(("name", "label", "begin", "end"), CASES, ids=[case[0] for case in CASES])
def test_a_rule_fires_and_resolves(
    room: Room, name: str, label: str, begin: Callable[[Room], None], end: Callable[[Room], None]
) -> None:
    assert room.fires(name) == set()
    begin(room)
    assert room.fires(name) == {label}
    end(room)
    assert room.fires(name) == set()


def test_a_pipeline_that_stands_still_is_noticed_though_nothing_comes_through(room: Room) -> None:
    room.passages(300, 300, 500)
    assert room.fires("pipeline_lag") == {"jalur data"}


def test_a_quiet_night_is_no_silence(room: Room) -> None:
    room.reports(60, 3)
    room.reports(1, 3, regency="16.02")
    assert room.fires("silence") == set()
