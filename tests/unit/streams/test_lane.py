"""Transactions of a partition: one after the other, while the next records are worked on already."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest
from aiokafka import TopicPartition

from streams.lane import Lane
from streams.names import Stage
from streams.transactions import Outputs, Transactions

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
