"""The gateway as an ASGI application: every door, one shape for errors, headers, limits, a description of it all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from litestar import Litestar, Request, Response
from litestar.exceptions import HTTPException

from posko import log
from producers.gateway import api, description
from producers.gateway.access import language_of_request
from producers.gateway.errors import Problem, Refused, Unavailable
from producers.gateway.guard import Guard
from producers.gateway.parts import Parts
from producers.gateway.wording import told

MOST_BYTES = 64 << 20  # of any body; each door has a lower limit of its own
_REASONS = {400: "bad_request", 401: "not_signed_in", 403: "forbidden", 404: "not_found", 405: "wrong_method",
            408: "too_slow", 413: "too_large", 415: "not_json_type", 422: "bad_value", 429: "too_many_requests",
            503: "unavailable"}  # fmt: skip
logger = log.get("gateway")
AnyRequest = Request[Any, Any, Any]


def build(parts: Parts) -> Litestar:
    """The application of all doors. `parts.doors` may hold more of them than the JSON API."""
    made = Litestar(
        route_handlers=[api.router(parts), *(door(parts) for door in parts.doors)],
        exception_handlers={
            Refused: _refused,
            Unavailable: _unavailable,
            HTTPException: _http,
            Exception: _failed,
        },
        lifespan=[_tended(parts)],
        openapi_config=description.config(),
        request_max_body_size=MOST_BYTES,
        logging_config=None,
        debug=False,
    )
    # Around everything, so that it holds for addresses that do not exist as well.
    made.asgi_handler = Guard(made.asgi_handler, parts.settings.gateway_address.startswith("https:"))
    return made


def _tended(parts: Parts) -> Callable[[Litestar], AbstractAsyncContextManager[None]]:
    """Runs `parts.tending` while the application lives; one that fails is said and not started again."""

    async def one(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        try:
            await work()
        except Exception as error:
            logger.error("work beside the requests ended", work=work.__qualname__, exc_info=error)

    @asynccontextmanager
    async def living(_: Litestar) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(one(work)) for work in parts.tending]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    return living


def problem(
    request: AnyRequest, status: int, reason: str, field: str = "", retry_after: int = 0, **values: Any
) -> Response[Problem]:
    """An answer that is no success, in the sender's language."""
    said = told(reason, language_of_request(request), field, **values)
    headers = {"Retry-After": str(retry_after)} if retry_after else {}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(Problem(reason, said, field), status_code=status, headers=headers, media_type="application/json")


def _refused(request: AnyRequest, error: Refused) -> Response[Problem]:
    return problem(request, error.status, error.reason, error.field, error.retry_after, **error.values)


def _unavailable(request: AnyRequest, error: Unavailable) -> Response[Problem]:
    return problem(request, 503, "unavailable", retry_after=error.retry_after)


def _http(request: AnyRequest, error: HTTPException) -> Response[Problem]:
    """What the framework refuses: unknown addresses, methods, parameters."""
    status = error.status_code
    if status >= 500:
        return _failed(request, error)
    answer = problem(request, status, _REASONS.get(status, "bad_request"), most="64 MiB")
    if allowed := (error.headers or {}).get("Allow"):
        answer.headers["Allow"] = allowed
    return answer


def _failed(request: AnyRequest, error: Exception) -> Response[Problem]:
    logger.error("a request failed", path=request.url.path, kind=type(error).__name__, exc_info=error)
    return problem(request, 500, "internal")
