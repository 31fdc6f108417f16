"""ClickHouse's HTTP interface: who asks, what, and how the answer goes out."""

from __future__ import annotations

import asyncio
import time
import traceback
from pathlib import Path

from aiohttp import web

from posko import log, metrics
from posko.local.engine import request as requests
from posko.local.engine.answer import Answer
from posko.local.engine.auth import Role, Users, credentials
from posko.local.engine.engine import Engine
from posko.local.engine.errors import (
    AUTHENTICATION_FAILED,
    CANNOT_WRITE_TO_FILE,
    SYNTAX_ERROR,
    UNKNOWN_EXCEPTION,
    ClickHouseError,
)
from posko.local.engine.handle import Progress

_SLOW = 5.0  # seconds: such queries are worth a line in the log
_log = log.get("engine")


def application(engine: Engine, users: Users, spool: Path) -> web.Application:
    """The web application; bodies too large for memory wait in the folder `spool`."""
    app = web.Application(client_max_size=engine.limits.max_body)
    front = _Front(engine, users, spool)
    app.router.add_get("/ping", _ok)
    app.router.add_get("/replicas_status", _ok)
    app.router.add_get("/", front.handle)
    app.router.add_post("/", front.handle)
    return app


async def _ok(_: web.Request) -> web.Response:
    return web.Response(text="Ok.\n", content_type="text/html", charset="UTF-8")


class _Front:
    def __init__(self, engine: Engine, users: Users, spool: Path) -> None:
        self._engine = engine
        self._users = users
        self._spool = spool
        self._common = {
            "X-ClickHouse-Server-Display-Name": engine.name,
            "X-ClickHouse-Timezone": engine.timezone,
        }

    async def handle(self, http: web.Request) -> web.StreamResponse:
        if http.method in {"GET", "HEAD"} and "query" not in http.query:
            return await _ok(http)
        try:
            user, role = self._who(http)
            request = await requests.read(http, self._engine.limits, self._spool)
        except ClickHouseError as error:
            return self._refusal(error)
        except ConnectionError:
            raise
        except OSError as error:
            text = f"The body could not be kept in {self._spool}: {error.strerror}"
            return self._refusal(ClickHouseError.say(CANNOT_WRITE_TO_FILE, text))
        try:
            return await self._answered(http, request, user, role)
        finally:
            request.data.close()

    def _who(self, http: web.Request) -> tuple[str, Role]:
        named = credentials(http.headers, http.query)
        if named is None:
            raise ClickHouseError.say(
                AUTHENTICATION_FAILED, "default: Authentication failed: name a user and a password.", status=401
            )
        return named[0], self._users.role_of(*named)

    async def _answered(
        self, http: web.Request, request: requests.Request, user: str, role: Role
    ) -> web.StreamResponse:
        answer = Answer(
            http,
            self._common,
            self._engine.version,
            query_id=request.query_id,
            format_name=request.format,
            encoding=request.encoding,
            whole=request.whole,
            folder=self._spool,
        )
        progress, started = Progress(), time.perf_counter()
        try:
            if not request.query.strip():
                raise ClickHouseError.say(SYNTAX_ERROR, "Empty query")
            await self._engine.execute(request, user, role, answer, progress)
            return await answer.finish(progress, time.perf_counter() - started)
        except asyncio.CancelledError:
            answer.gone = True
            await self._engine.cancel(request)
            raise
        except ClickHouseError as error:
            metrics.ENGINE_FAILED.labels(str(error.code)).inc()
            _log.debug("query failed", query_id=request.query_id, code=error.code)
            return await answer.fail(error)
        except ConnectionError:
            answer.gone = True
            raise
        except Exception as error:
            where = traceback.format_tb(error.__traceback__)  # without the message, which may quote the query
            _log.error("query failed unexpectedly", query_id=request.query_id, error=type(error).__name__, where=where)
            return await answer.fail(
                ClickHouseError.say(UNKNOWN_EXCEPTION, f"{type(error).__name__}; see the engine's log")
            )
        finally:
            answer.close()
            if (taken := time.perf_counter() - started) > _SLOW:
                _log.info(
                    "slow query", query_id=request.query_id, seconds=round(taken, 1), read_rows=progress.read_rows
                )

    def _refusal(self, error: ClickHouseError) -> web.Response:
        headers = {**self._common, "X-ClickHouse-Exception-Code": str(error.code)}
        if error.status == 401:
            headers["WWW-Authenticate"] = 'Basic realm="ClickHouse server HTTP API"'
        return web.Response(status=error.status, body=error.body(self._engine.version), headers=headers)
