"""One small election day for all tests of this room: Sijunjung, busy enough that everything the catalogue has
occurs."""

from __future__ import annotations

import pytest

from posko import context
from posko.context import Context
from producers.simulator.day import Day
from producers.simulator.message import Message

BUSY = 9.0  # times a real day of this kabupaten
HOURS = (4, 24)


@pytest.fixture(scope="session")
def sijunjung() -> Context:
    return context.load("sijunjung-2024")


@pytest.fixture(scope="session")
def day(sijunjung: Context) -> Day:
    return Day(*sijunjung, seed=7, hours=HOURS, scale=BUSY)


@pytest.fixture(scope="session")
def messages(sijunjung: Context) -> list[Message]:
    return list(Day(*sijunjung, seed=7, hours=HOURS, scale=BUSY).messages())
