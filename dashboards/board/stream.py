"""Server-Sent Events: what changed, at most once a second, for as long as the page is open and its session holds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack
from typing import Any

import orjson
from litestar import Request, Response
from litestar.response import ServerSentEvent, ServerSentEventMessage

from dashboards.board.guard import COOKIE
from dashboards.board.live import TooManyWatchers, Watcher
from dashboards.board.parts import Parts

BEAT_S = 10.0  # a page that hears nothing for longer knows that the line is dead
PAUSE_MS = 1000
RETRY_MS = 2000  # how soon a browser comes back

News = Callable[[set[str], bool], dict[str, Any] | None]


def streaming(request: Request, parts: Parts, news: News) -> Response:
    """A stream in which `news(changed ids, everything changed)` says what to send; None sends nothing but a beat."""
    stack = ExitStack()
    try:
        watcher = stack.enter_context(parts.live.watched())
    except TooManyWatchers:
        said = "Terlalu banyak halaman terbuka sekaligus; tutup yang tidak dipakai."
        return Response({"text": said, "state": "error"}, status_code=503)
    token = request.cookies.get(COOKIE, "")
    return ServerSentEvent(
        _events(parts, watcher, stack, token, news),
        headers={"x-accel-buffering": "no"},
        retry_duration=RETRY_MS,
    )


async def _events(
    parts: Parts, watcher: Watcher, stack: ExitStack, token: str, news: News
) -> AsyncIterator[ServerSentEventMessage]:
    with stack:
        changed: set[str] = set()
        yield _message("kabar", parts, news(changed, False))
        while not parts.live.closing:
            changed = await watcher.news(BEAT_S)
            if parts.live.closing:
                return
            if parts.sessions.whose(token, parts.now(), active=False) is None:
                yield ServerSentEventMessage(event="selesai", data="{}")
                return
            everything, watcher.all = watcher.all, False
            yield _message("kabar", parts, news(changed, everything))
            await asyncio.sleep(PAUSE_MS / 1000)


def _message(event: str, parts: Parts, content: dict[str, Any] | None) -> ServerSentEventMessage:
    said = {"now": parts.now(), "away": parts.live.away, **(content or {})}
    return ServerSentEventMessage(event=event, data=orjson.dumps(said).decode())
