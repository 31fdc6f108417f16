"""The door for agencies' systems, with a program's token: POST /cap takes an alert, GET /cap/INCIDENT gives one."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlsplit

import clickhouse_connect
from clickhouse_connect.driver.exceptions import ClickHouseError
from litestar import Request, Response, Router, get, post

from posko import log
from producers.cap import alert, incident
from producers.gateway.acceptance import Receipt
from producers.gateway.access import officer_of
from producers.gateway.body import read
from producers.gateway.errors import Problem, Refused
from producers.gateway.parts import Parts
from producers.officers import Officer, Sender

LIMIT_S = 5  # ClickHouse's answer
CAP = "application/cap+xml"
_INCIDENT = "SELECT * FROM posko.incidents WHERE incident_id = {id:String} LIMIT 1"
_STATUS = {"refused": 422, "conflict": 409}
AnyRequest = Request[Any, Any, Any]
logger = log.get("cap")


def router(parts: Parts) -> Router:
    """The door."""
    sender = f"posko@{urlsplit(parts.settings.gateway_address).hostname}"

    def program(request: AnyRequest) -> Officer:
        officer = officer_of(request, parts.officers)
        if not officer.program:
            raise Refused(403, "forbidden")
        return officer

    def looked_up(name: str) -> dict[str, Any] | None:
        options = parts.settings.reader_client_options
        client = clickhouse_connect.get_client(**options, connect_timeout=LIMIT_S, send_receive_timeout=LIMIT_S)
        try:
            return next((dict(row) for row in client.query(_INCIDENT, parameters={"id": name}).named_results()), None)
        finally:
            client.close()

    @post("/", status_code=202)
    async def take(request: AnyRequest) -> Response[Receipt | Problem]:
        """An alert of an agency's system becomes a report; what is only a test is answered and left out."""
        officer = program(request)
        if wait := parts.limits.reports.take(officer.id):
            raise Refused(429, "too_many_requests", retry_after=int(wait) + 1, seconds=int(wait) + 1)
        try:
            report = alert.read(await read(request, alert.MAX_BYTES), parts.context)
        except alert.NotMeant as error:
            return Response(Problem("not_meant", str(error)), status_code=200)
        except alert.Unreadable as error:
            return Response(Problem("bad_request", str(error)), status_code=400)
        [receipt] = await parts.acceptance.take([report], Sender.of(officer, "api"), "cap")
        return Response(receipt, status_code=_STATUS.get(receipt.state, 202))

    @get("/{name:str}")
    async def give(request: AnyRequest) -> Response[bytes]:
        """An incident's latest state as an alert."""
        officer = program(request)
        if wait := parts.limits.lookups.take(officer.id):
            raise Refused(429, "too_many_requests", retry_after=int(wait) + 1, seconds=int(wait) + 1)
        try:
            row = await asyncio.to_thread(looked_up, request.path_params["name"][:100])
        except (ClickHouseError, OSError) as error:
            logger.warning("an incident cannot be looked up", error=type(error).__name__)
            raise Refused(503, "busy", retry_after=5) from None
        if row is None:
            raise Refused(404, "not_found")
        return Response(incident.alert(row, parts.context.catalog, sender), media_type=CAP)

    return Router("/cap", route_handlers=[take, give], include_in_schema=False)
