from __future__ import annotations

from typing import Any

import pytest

from posko.outage import EVERY_S, Outage


class Log:
    def __init__(self) -> None:
        self.lines: list[tuple[str, str, dict[str, Any]]] = []

    def warning(self, event: str, **fields: Any) -> None:
        self.lines.append(("warning", event, fields))

    def info(self, event: str, **fields: Any) -> None:
        self.lines.append(("info", event, fields))


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_an_outage_is_said_when_it_begins_once_a_minute_and_when_it_ends(log: Log, clock: Clock) -> None:
    outage = Outage(log, "Kafka", clock)
    for _ in range(600):
        outage.down()
        clock.now += 1
    assert outage.is_on
    outage.up()
    assert [fields["seconds"] for _, _, fields in log.lines] == [*range(0, 600, int(EVERY_S)), 600]
    assert log.lines[0][1].startswith("Kafka does not answer")
    assert log.lines[-1][:2] == ("info", "Kafka answers again")
    assert log.lines[-1][2]["tries"] == 600


def test_another_reason_is_said_at_once(log: Log, clock: Clock) -> None:
    outage = Outage(log, "ClickHouse", clock)
    outage.down("away")
    outage.down("full")
    outage.down("full")
    assert [event for _, event, _ in log.lines] == ["away", "full"]
    assert outage.text == "full"
    outage.up()
    assert outage.text == ""


def test_when_all_is_well_nothing_is_said(log: Log, clock: Clock) -> None:
    outage = Outage(log, "Kafka", clock)
    outage.up()
    outage.up()
    assert log.lines == []
