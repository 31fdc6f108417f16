"""Slow clients lose their connection, others do not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn

from producers.gateway import body, slow
from producers.gateway.errors import Refused


async def answer(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture
async def port(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    monkeypatch.setattr(slow, "HEAD_S", 0.05)
    config = uvicorn.Config(answer, port=0, http=slow.Patient, lifespan="off", log_config=None, ws="none")
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    serving = asyncio.create_task(server._serve())
    while not server.started:
        await asyncio.sleep(0.001)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await serving


@pytest.mark.parametrize(
    "said", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\n"], ids=["nothing", "half", "headers"]
)
async def test_who_does_not_finish_the_headers_is_cut_off(port: int, said: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(said)
    async with asyncio.timeout(20):
        assert await reader.read() == b""
    writer.close()


async def test_who_finishes_them_is_answered_again_and_again_and_then_held_to_it_too(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(3):
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200")
    writer.write(b"GET / HTTP/1.1\r\n")
    async with asyncio.timeout(20):
        assert await reader.read() == b""
    writer.close()


async def test_headers_without_end_are_cut_off(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slow, "HEAD_S", 60)
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET / HTTP/1.1\r\nX: ")

    async def endless() -> None:
        while True:
            writer.write(b"x" * 1000)
            await writer.drain()

    with pytest.raises(OSError):  # noqa: PT011 reset, or a broken pipe
        await asyncio.wait_for(endless(), 20)
    writer.close()


class Trickle:
    """A request whose body never ends."""

    def __init__(self) -> None:
        self.scope: dict[str, Any] = {"headers": []}

    async def receive(self) -> dict[str, Any]:
        await asyncio.Event().wait()
        return {}


async def test_a_body_that_does_not_come_is_refused_and_being_cancelled_stays_being_cancelled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(body, "BODY_S", 0.01)
    with pytest.raises(Refused) as refused:
        await body.read(Trickle(), 100)  # type: ignore[arg-type]
    assert (refused.value.status, refused.value.reason) == (408, "too_slow")
    monkeypatch.setattr(body, "BODY_S", 60)
    reading = asyncio.create_task(body.read(Trickle(), 100))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
