"""Reading a request's body: bounded in size and time, and only of the type that is expected."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
from litestar import Request

from posko.report import Invalid
from posko.report_errors import not_readable
from producers.gateway.access import header
from producers.gateway.errors import Refused

BODY_S = 30.0  # for the whole body: thin networks are slow, but somebody who sends a byte a minute is no phone
AnyRequest = Request[Any, Any, Any]


async def read(request: AnyRequest, most: int) -> bytes:
    """The body, of at most `most` bytes. Raises Refused: 413 before more than that is read, 408 when it is too slow."""
    length = header(request, b"content-length")
    if length.isdigit() and int(length) > most:
        raise Refused(413, "too_large", most=_size(most))
    parts, size, more = [], 0, True
    with _not_forever():
        while more:
            message = await request.receive()
            if message["type"] != "http.request":
                raise Refused(400, "bad_request")  # it went away in the middle
            part, more = message.get("body", b""), message.get("more_body", False)
            size += len(part)
            if size > most:
                raise Refused(413, "too_large", most=_size(most))
            parts.append(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


@contextmanager
def _not_forever() -> Iterator[None]:
    """Refuse (408) what takes longer than BODY_S. `asyncio.timeout` does the same for ten times the cost."""
    task = asyncio.current_task()
    assert task
    late: list[bool] = []

    def slow() -> None:
        late.append(True)
        task.cancel()

    timer = asyncio.get_running_loop().call_later(BODY_S, slow)
    try:
        yield
    except asyncio.CancelledError:
        if late and not task.uncancel():
            raise Refused(408, "too_slow") from None
        raise
    finally:
        timer.cancel()


async def read_json(request: AnyRequest, most: int) -> Any:
    """The value of a JSON body. Raises Refused: 415 for another type, 400 for what is no JSON, and as `read`."""
    kind, _, parameters = header(request, b"content-type").lower().partition(";")
    if kind.strip() != "application/json" or ("charset=" in parameters and "utf-8" not in parameters):
        raise Refused(415, "not_json_type")
    raw = await read(request, most)
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        wrong = not_readable(raw, error) if raw else Invalid("empty", "", "")
        raise Refused(400, wrong.reason) from None


def _size(most: int) -> str:
    return f"{most >> 20} MiB" if most >= 1 << 20 else f"{most >> 10} KiB"
