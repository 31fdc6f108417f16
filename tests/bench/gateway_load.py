"""Phones that send reports over HTTP, many at once, each on its own connection: as fast as it goes, or at a rate.

A client of a few lines on bare sockets: it shares two cores with what it measures, so it has to cost little.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import cast


@dataclass
class Seen:
    """What the phones saw: answers by status, and how long each took (s), by what was due when."""

    statuses: dict[int, int] = field(default_factory=dict)
    took: list[float] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        return self.statuses.get(202, 0) / self.seconds

    def percentile(self, share: float) -> float:
        ordered = sorted(self.took)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class Phone(asyncio.Protocol):
    """One connection: a request is written, its answer awaited."""

    def __init__(self) -> None:
        self._answer: asyncio.Future[int] | None = None
        self._read = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._read += data
        head, separator, body = self._read.partition(b"\r\n\r\n")
        if separator and self._answer:
            length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
            if len(body) >= length:
                self._read = b""
                self._answer.set_result(int(head[9:12]))

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer and not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError())

    async def ask(self, request: bytes) -> int:
        """The status of the answer."""
        assert self._transport
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer


async def load(
    port: int, phones: int, requests: Callable[[int], bytes], total: int, rate: float = 0.0, first: int = 0
) -> Seen:
    """Send requests `first` to `first + total` from `phones` connections; `rate` a second, 0: each phone at once after
    its last answer. At a rate, a request's time counts from when it was due, not from when a phone was free."""
    loop = asyncio.get_running_loop()
    connected = [(await loop.create_connection(Phone, "127.0.0.1", port))[1] for _ in range(phones)]
    seen = Seen()
    numbers: Iterator[int] = iter(range(first, first + total))
    begun = time.perf_counter()

    async def one(phone: Phone) -> None:
        for number in numbers:
            due = begun + (number - first) / rate if rate else time.perf_counter()
            if (wait := due - time.perf_counter()) > 0:
                await asyncio.sleep(wait)
            status = await phone.ask(requests(number))
            seen.took.append(time.perf_counter() - due)
            seen.statuses[status] = seen.statuses.get(status, 0) + 1

    await asyncio.gather(*(one(phone) for phone in connected))
    seen.seconds = time.perf_counter() - begun
    return seen
