"""One lane works at a time, and in slices: between two slices the event loop serves the network.

A transaction is six answers of the broker in a row. Without slices each of them waits until the domain work of whole
batches of other lanes is done, and a transaction that takes 20 ms takes half a second.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from time import perf_counter

SLICE = 0.002  # seconds


class Turn:
    """Work under way. `seconds`: time worked in finished slices."""

    def __init__(self, clock: Callable[[], float], size: float) -> None:
        self.seconds = 0.0
        self._clock, self._size = clock, size
        self._began = clock()

    @property
    def is_long(self) -> bool:
        """Whether the slice has been used up: then `await rest()`. To be asked after each record."""
        return self._clock() - self._began > self._size

    async def rest(self) -> None:
        """Let the event loop do what is ready, then begin the next slice."""
        self.end()
        await asyncio.sleep(0)
        self._began = self._clock()

    def end(self) -> None:
        """Count the slice that is under way."""
        self.seconds += self._clock() - self._began


class Turns:
    """Gives turns, first come, first served. One for a process."""

    def __init__(self, size: float = SLICE, clock: Callable[[], float] = perf_counter) -> None:
        self._lock = asyncio.Lock()
        self._size, self._clock = size, clock

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[Turn]:
        """Wait for the turn; it is over at the end of the block."""
        async with self._lock:
            turn = Turn(self._clock, self._size)
            yield turn
            turn.end()
