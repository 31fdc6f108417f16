"""Lanes take turns, and a long turn lets the network through."""

from __future__ import annotations

import asyncio

from streams.turns import Turns


class Clock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_only_one_works_at_a_time_first_come_first_served() -> None:
    turns, order = Turns(), []

    async def work(name: str) -> None:
        async with turns.turn() as turn:
            for _ in range(2):
                order.append(name)
                await turn.rest()

    await asyncio.gather(*(work(name) for name in "abc"))
    assert order == ["a", "a", "b", "b", "c", "c"]


async def test_what_is_ready_runs_between_two_slices() -> None:
    turns, order = Turns(), []
    async with turns.turn() as turn:
        asyncio.get_running_loop().call_soon(order.append, "answer of the broker")
        order.append("slice")
        await turn.rest()
        order.append("slice")
    assert order == ["slice", "answer of the broker", "slice"]


async def test_a_slice_is_long_after_its_time_and_rest_is_not_counted_as_work() -> None:
    clock = Clock()
    async with Turns(size=0.004, clock=clock).turn() as turn:
        clock.now += 0.003
        assert not turn.is_long
        clock.now += 0.002
        assert turn.is_long
        asyncio.get_running_loop().call_soon(setattr, clock, "now", clock.now + 1)
        await turn.rest()
        assert not turn.is_long
        clock.now += 0.001
    assert round(turn.seconds, 6) == 0.006
