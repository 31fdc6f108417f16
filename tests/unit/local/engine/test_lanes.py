from __future__ import annotations

import asyncio
import threading

import pytest

from posko.local.engine.errors import ClickHouseError
from posko.local.engine.lanes import Lane


class Held:
    """Work that has begun and ends when it is told to."""

    def __init__(self) -> None:
        self.begun, self.release = threading.Event(), threading.Event()

    def __call__(self) -> bool:
        self.begun.set()
        return self.release.wait()


async def test_a_full_lane_refuses_after_its_patience():
    lane, work = Lane("tests", 1, 10, 0.01), Held()
    first = asyncio.create_task(lane.run(work))
    await asyncio.to_thread(work.begun.wait)
    with pytest.raises(ClickHouseError, match="no place became free") as caught:
        await lane.run(lambda: None)
    assert (caught.value.code, caught.value.status) == (202, 503)
    work.release.set()
    assert await first
    lane.close()


async def test_a_full_queue_refuses_at_once():
    lane, work = Lane("tests", 1, 1, 60), Held()
    running = [asyncio.create_task(lane.run(work)) for _ in range(2)]
    await asyncio.to_thread(work.begun.wait)  # one runs, one waits
    with pytest.raises(ClickHouseError, match="1 requests are waiting"):
        await lane.run(lambda: None)
    work.release.set()
    assert await asyncio.gather(*running) == [True, True]
    lane.close()


async def test_work_whose_caller_left_keeps_its_place_until_it_ends():
    lane = Lane("tests", 1, 10, 60)
    work = Held()
    left = asyncio.create_task(lane.run(work))
    await asyncio.to_thread(work.begun.wait)
    left.cancel()
    second = asyncio.create_task(lane.run(lambda: "second"))
    with pytest.raises(asyncio.CancelledError):
        await left
    assert not second.done()
    work.release.set()
    assert await second == "second"
    lane.close()


async def test_an_error_reaches_the_caller():
    lane = Lane("tests", 1, 10, 60)

    def fail() -> None:
        raise ClickHouseError(60, "Code: 60. x")

    with pytest.raises(ClickHouseError, match="Code: 60"):
        await lane.run(fail)
    assert await lane.run(lambda: 1) == 1
    lane.close()
