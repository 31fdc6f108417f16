"""Signing a phone in with its personal link, and out."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, Response, delete, post
from litestar.datastructures import Cookie
from litestar.handlers import BaseRouteHandler
from litestar.openapi.datastructures import ResponseSpec

from producers.gateway import body
from producers.gateway.access import COOKIE, COOKIE_S, address_of, token_of
from producers.gateway.description import TakesLink, problems
from producers.gateway.errors import Refused
from producers.gateway.parts import Parts
from producers.officers import LinkRefused

MOST_BYTES = 8 << 10
MOST_LINK = 2_000  # characters of an address
AnyRequest = Request[Any, Any, Any]


class SignIn(msgspec.Struct, frozen=True):
    """`link`: the personal link, or its key alone; `device`: 16 to 100 random characters that the phone keeps."""

    link: str
    device: str = ""


class Session(msgspec.Struct, frozen=True):
    """`token`: for the header `Authorization: Bearer`; a browser has it in a cookie as well."""

    token: str
    officer: str
    name: str


def handlers(parts: Parts) -> list[BaseRouteHandler]:
    """POST and DELETE /session."""
    secure = parts.settings.gateway_address.startswith("https:")

    def cookie(value: str, age: int) -> Cookie:
        return Cookie(COOKIE, value=value, max_age=age, httponly=True, samesite="strict", secure=secure, path="/")

    refusals = problems(400, 403, 408, 413, 415, 422, 429)

    @post("/session", status_code=201, operation_class=TakesLink, responses=refusals)
    async def sign_in(request: AnyRequest) -> Response[Session]:
        """Sign a phone in with a personal link, which works once."""
        if wait := parts.limits.strangers.take(address_of(request)):
            raise Refused(429, "too_many_requests", retry_after=int(wait) + 1, seconds=int(wait) + 1)
        try:
            asked = msgspec.convert(await body.read_json(request, MOST_BYTES), SignIn)
        except msgspec.ValidationError:
            raise Refused(422, "link_unknown", "link") from None
        try:
            officer, token = parts.officers.sign_in(
                asked.link[:MOST_LINK].rpartition("#")[2], asked.device, parts.now()
            )
        except LinkRefused as refused:
            raise Refused(403, refused.reason, "link") from None
        return Response(Session(token, officer.id, officer.name), status_code=201, cookies=[cookie(token, COOKIE_S)])

    @delete("/session", status_code=204, responses={204: ResponseSpec(None, description="Signed out.")})
    async def sign_out(request: AnyRequest) -> Response[None]:
        """End this phone's session."""
        if token := token_of(request):
            parts.officers.sign_out(token)
        return Response(None, status_code=204, cookies=[cookie("", 0)])

    return [sign_in, sign_out]
