"""The door for agencies' systems that sign their calls: POST /hooks/NAME. The other direction begins here too."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
from litestar import Request, Router, post
from litestar.response.base import ASGIResponse

from posko.report import Invalid
from posko.report_errors import not_readable
from producers.gateway.access import header
from producers.gateway.api.reports import answered, listed
from producers.gateway.body import read
from producers.gateway.errors import Refused
from producers.gateway.parts import Parts
from producers.hooks import signature, watched
from producers.hooks.outbound import Outbound
from producers.hooks.store import Store
from producers.officers import Officer, Sender

FILE = "hooks.sqlite3"
MOST_BYTES = 1 << 20
_NOBODY = signature.made_secret()  # an unknown hook is refused as late as a wrong signature
AnyRequest = Request[Any, Any, Any]


def router(parts: Parts) -> Router:
    """The door. Hooks are in `hooks.sqlite3` in the instance's folder."""
    store = Store(parts.settings.data / FILE)
    parts.measured.append(lambda: watched.families(store))
    parts.tending.append(Outbound(store, parts.officers, parts.context, parts.settings.kafka_address, parts.now).run)

    async def admitted(request: AnyRequest, body: bytes) -> Officer:
        """The program behind the hook that signed this call. Raises Refused (401)."""
        hook = await asyncio.to_thread(store.get, str(request.path_params["name"])[:100])
        timestamp, given = header(request, b"x-posko-timestamp"), header(request, b"x-posko-signature")
        fits = signature.fits(hook.secret if hook else _NOBODY, timestamp, given, body, parts.now() / 1000)
        officer = parts.officers.get(hook.officer) if hook and fits else None
        if officer is None or not officer.program:
            raise Refused(401, "bad_signature")
        request.scope["state"]["language"] = officer.language
        return officer

    @post("/{name:str}", status_code=202)
    async def take(request: AnyRequest) -> ASGIResponse:
        """Reports of an agency's system, one or up to 500; a repeat is answered like the first."""
        raw = await read(request, MOST_BYTES)
        officer = await admitted(request, raw)
        try:
            reports = listed(orjson.loads(raw))
        except orjson.JSONDecodeError as error:
            wrong = not_readable(raw, error) if raw else Invalid("empty", "", "")
            raise Refused(400, wrong.reason) from None
        if wait := parts.limits.reports.take(officer.id, len(reports)):
            raise Refused(429, "too_many_requests", retry_after=int(wait) + 1, seconds=int(wait) + 1)
        return answered(await parts.acceptance.take(reports, Sender.of(officer, "api"), "hook"))

    return Router("/hooks", route_handlers=[take], include_in_schema=False)
