"""uvicorn's HTTP protocol with limits it lacks: headers must be there in time, and not be endless.

uvicorn closes a connection that rests between two requests (`timeout_keep_alive`), but not one that sends a byte of its
headers now and then, or nothing at all.
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_S = 20.0  # for the connection's first byte, and from a request's first byte to the end of its headers
MOST_HEAD = 64 << 10  # bytes of headers


class Patient(HttpToolsProtocol):
    """One connection."""

    _late: asyncio.TimerHandle | None = None
    _head = 0  # bytes of headers that are not complete yet

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._head = self._head + len(data) if self._late is not None else 0
        if self._head > MOST_HEAD:
            self.transport.abort()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._wait()

    def on_headers_complete(self) -> None:
        self._done()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._done()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._done()
        self._late = self.loop.call_later(HEAD_S, self.transport.close)

    def _done(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None
