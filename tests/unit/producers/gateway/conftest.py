"""A gateway without a network: everything real but Kafka, which is a list of messages here."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from posko import context
from posko.context import Context
from producers.client.lane import Group, Lane, Message, Place
from producers.gateway.acceptance import Acceptance
from producers.gateway.check import Check
from producers.gateway.ledger import Ledger
from producers.officers import Officer, Sender

NOW = 1_732_665_600_000  # 27 November 2024, 07:00 WIB
OFFICER = Officer("kpps-1", "Petugas Satu", "", "kpps", "kpu", "13.03.03")
SENDER = Sender.of(OFFICER)


class Broker:
    """Stands for the lane to Kafka. What it holds back is acknowledged, or refused, when the test says so."""

    def __init__(self) -> None:
        self.stored: list[Message] = []  # what Kafka has
        self.held: list[Group] = []
        self.holds = False

    def offer(self, group: Group) -> None:
        if self.holds:
            self.held.append(group)
        else:
            self._settle(group, None)

    def release(self, error: Exception | None = None) -> None:
        """Acknowledge, or with `error` refuse, what was held back."""
        held, self.held = self.held, []
        for group in held:
            self._settle(group, error)

    def _settle(self, group: Group, error: Exception | None) -> None:
        for number, message in enumerate(group.messages):
            if error is None:
                self.stored.append(message)
            group.outcomes[number] = error or Place(0, len(self.stored) - 1)
        group.settled()


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._planned: list[tuple[float, Callable[[], None]]] = []

    def __call__(self) -> float:
        return self.now

    def later(self, seconds: float, work: Callable[[], None]) -> None:
        """Call `work` when so many seconds have passed."""
        self._planned.append((self.now + seconds, work))

    def go_on(self, seconds: float) -> None:
        """Let time pass: what was planned until then is done."""
        self.now += seconds
        due = [work for at, work in self._planned if at <= self.now]
        self._planned = [one for one in self._planned if one[0] > self.now]
        for work in due:
            work()


def report(number: int = 1, **more: Any) -> dict[str, Any]:
    """A report of version 1 without what the door adds."""
    return {
        "report_id": f"00000000-0000-4000-8000-{number:012d}",
        "category": "logistics",
        "text": f"logistik belum tiba {number}",
        "reported_at": "2024-11-27T06:10:00+07:00",
        **more,
    }


@pytest.fixture(scope="session")
def known() -> Context:
    return context.load("sijunjung-2024")


@pytest.fixture
def broker() -> Broker:
    return Broker()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = Ledger(tmp_path / "gateway.sqlite3")
    yield made
    made.close()


@pytest.fixture
async def acceptance(known: Context, broker: Broker, ledger: Ledger, clock: Clock) -> AsyncIterator[Acceptance]:
    made = Acceptance(Check(known), ledger, cast(Lane, broker), lambda: NOW, clock, later=clock.later)
    yield made
    broker.release()
    await made.close()
