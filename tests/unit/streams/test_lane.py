"""Transactions of a partition: one after the other, while the next records are worked on already."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest
from aiokafka import TopicPartition

from streams import lane as lanes
from streams.lane import Lane
from streams.names import Stage
from streams.transactions import Outputs, Transactions
from tests.unit.streams.records import record

PLACE = TopicPartition("t", 0)


class Broker:
    """Stands for the transactions of a partition: each ends when the test says so."""

    def __init__(self) -> None:
        self.began: list[int] = []
        self.ends: dict[int, asyncio.Future[None]] = {}

    async def commit(self, outputs: Outputs, group: str, source: TopicPartition, offset: int) -> None:
        self.began.append(offset)
        self.ends[offset] = asyncio.get_running_loop().create_future()
        await self.ends[offset]


def a_lane() -> tuple[Lane, Broker, list[BaseException]]:
    lane, broker = Lane(cast(Stage, STAGE), PLACE, 100, 0.1), Broker()
    lane.transactions = cast(Transactions, broker)
    return lane, broker, []


class STAGE:
    name, group = "correlate", "posko-correlate"


async def turns() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_work_goes_on_while_a_transaction_ends_and_the_next_one_waits_for_it() -> None:
    lane, broker, failed = a_lane()
    await lane.begin(Outputs(), 10, 10, failed.append)
    await turns()
    assert (broker.began, lane.is_writing) == ([10], True)
    second: asyncio.Task[Any] = asyncio.create_task(lane.begin(Outputs(), 20, 10, failed.append))
    await turns()
    assert broker.began == [10]
    broker.ends[10].set_result(None)
    await second
    await turns()
    assert broker.began == [10, 20]
    broker.ends[20].set_result(None)
    await lane.written()
    assert (lane.is_writing, failed) == (False, [])


async def test_after_a_transaction_that_failed_nothing_more_is_written() -> None:
    lane, broker, failed = a_lane()
    await lane.begin(Outputs(), 10, 10, failed.append)
    await turns()
    broker.ends[10].set_exception(ConnectionError("fenced"))
    with pytest.raises(ConnectionError, match="fenced"):
        await lane.begin(Outputs(), 20, 10, failed.append)
    assert broker.began == [10]
    assert [str(error) for error in failed] == ["fenced"]


async def test_who_stops_waiting_for_a_transaction_does_not_stop_it() -> None:
    lane, broker, failed = a_lane()
    await lane.begin(Outputs(), 10, 10, failed.append)
    waiting = asyncio.create_task(lane.written())
    await turns()
    waiting.cancel()
    await turns()
    broker.ends[10].set_result(None)
    await lane.written()
    assert failed == []


class Reader:
    """Stands for a lane's consumer: `here` came with the last answer, `end` is how far the broker said it goes."""

    def __init__(self, here: int, end: int) -> None:
        self.here, self.end, self.read = here, end, 0
        self.asked: list[int] = []

    async def getmany(self, _: TopicPartition, timeout_ms: int, max_records: int) -> dict[TopicPartition, list[Any]]:
        self.asked.append(timeout_ms)
        count = min(max_records, self.here)
        self.read, self.here = self.read + count, self.end - self.read - count
        return {PLACE: [record(b"{}", offset) for offset in range(self.read - count, self.read)]} if count else {}

    def highwater(self, _: TopicPartition) -> int:
        return self.end

    async def position(self, _: TopicPartition) -> int:
        return self.read


def reading(here: int, end: int) -> tuple[Lane, Reader]:
    """A lane with batches of up to 100 whose last batch closed just now, and what it reads from."""
    lane, reader = Lane(cast(Stage, STAGE), PLACE, 100, 0.1), Reader(here, end)
    lane._consumer, lane.is_open = cast(Any, reader), True
    lane.pace.observe(1_000, 0.0001)
    lane._collector.take(lanes.monotonic())
    return lane, reader


async def slept(monkeypatch: pytest.MonkeyPatch, lane: Lane) -> tuple[int, list[float]]:
    """How many records the next batch has, and the seconds that the lane slept for it."""
    naps: list[float] = []

    async def nap(seconds: float) -> None:
        naps.append(seconds)

    monkeypatch.setattr(lanes.asyncio, "sleep", nap)
    return len(await lane.collect()), naps


async def test_a_batch_fills_up_at_once_when_the_rest_of_it_lies_at_the_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    lane, reader = reading(here=30, end=500)
    assert await slept(monkeypatch, lane) == (100, [])
    assert len(reader.asked) == 2


async def test_what_does_not_fill_a_batch_gathers_at_the_broker_until_the_age_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lane, _ = reading(here=30, end=40)
    count, naps = await slept(monkeypatch, lane)
    assert (count, len(naps)) == (40, 1)
    assert 0 < naps[0] <= 0.1
