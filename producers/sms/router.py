"""The webhooks of SMS gateways: Kannel, Twilio, anything that posts JSON or a form. Closed until a secret is set."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

import orjson
from litestar import Request, Response, Router, get, post

from posko import log
from producers.gateway.body import read
from producers.gateway.errors import Refused
from producers.gateway.parts import Parts
from producers.sms import outgoing, signature
from producers.sms.conversation import Busy, Conversation
from producers.sms.inbox import Inbox
from producers.sms.incoming import Incoming, Unreadable
from producers.sms.incoming import read as read_fields

MOST_BYTES = 64 << 10  # of a call
MOST_FIELDS = 100
AnyRequest = Request[Any, Any, Any]
logger = log.get("messages")


def router(parts: Parts) -> Router:
    """The door. Its waiting messages are in `messages.sqlite3` in the instance's folder."""
    known = parts.settings
    secret, token = known.sms_secret.get_secret_value(), known.sms_twilio_token.get_secret_value()
    inbox = Inbox(known.data / "messages.sqlite3")
    talk = Conversation("sms", parts, inbox, outgoing.sms(known))
    parts.tending.append(talk.tend)

    async def answer(gateway: str, fields: Mapping[str, Any]) -> str:
        try:
            now = datetime.fromtimestamp(parts.now() / 1000, UTC)
            message: Incoming = read_fields(gateway, fields, parts.context.election.timezone, now)
            return await talk.short(message)
        except Unreadable as error:
            logger.info("a call of an SMS gateway is no message", gateway=gateway, error=str(error))
            raise Refused(422, "bad_request") from None
        except Busy as error:
            raise Refused(429, "too_many_requests", retry_after=error.seconds, seconds=error.seconds) from None

    @get("/kannel")
    async def kannel_get(request: AnyRequest) -> Response[str]:
        """Kannel's get-url; the body of the answer is the reply."""
        fields = _pairs(request.scope["query_string"], "latin-1")
        _admit(request, fields, b"", secret, parts.now())
        return _plain(await answer("kannel", _decoded(fields)))

    @post("/kannel", status_code=200)
    async def kannel_post(request: AnyRequest) -> Response[str]:
        """Kannel's post-url: the text is the body, everything else in headers; or a form."""
        body = await read(request, MOST_BYTES)
        fields = _pairs(request.scope["query_string"], "latin-1")
        if "form" in request.headers.get("content-type", ""):
            fields |= _pairs(body, "latin-1")
        elif "x-kannel-from" in request.headers:
            named = {"from": "from", "to": "to", "time": "time", "udh": "udh", "coding": "coding", "msgid": "id"}
            fields |= {name: request.headers.get(f"x-kannel-{header}", "") for header, name in named.items()}
            fields["text"] = body.decode("latin-1")
        _admit(request, fields, body, secret, parts.now())
        return _plain(await answer("kannel", _decoded(fields)))

    @post("/in", status_code=200)
    async def generic(request: AnyRequest) -> Response[bytes]:
        """JSON or a form, fields under any usual name; the answer has `reply`, and `to` when there is one."""
        body = await read(request, MOST_BYTES)
        fields: dict[str, Any] = _fields(request, body)
        _admit(request, fields, body, secret, parts.now())
        said = await answer("in", fields)
        return Response(orjson.dumps({"reply": said}), media_type="application/json")

    @post("/twilio", status_code=200)
    async def twilio(request: AnyRequest) -> Response[str]:
        """A form post as Twilio makes it, with its signature; the answer is TwiML."""
        body = await read(request, MOST_BYTES)
        form = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
        query = request.scope["query_string"].decode("latin-1")
        url = parts.settings.gateway_address + request.url.path + (f"?{query}" if query else "")
        if not signature.twilio(url, form, request.headers.get("x-twilio-signature", ""), token):
            raise Refused(403, "forbidden")
        said = await answer("twilio", dict(form))
        inner = f"<Message>{escape(said)}</Message>" if said else ""
        return Response(f'<?xml version="1.0" encoding="UTF-8"?><Response>{inner}</Response>', media_type="text/xml")

    return Router("/sms", route_handlers=[kannel_get, kannel_post, generic, twilio], include_in_schema=False)


def _admit(request: AnyRequest, fields: Mapping[str, Any], body: bytes, secret: str, now: int) -> None:
    """Raises Refused (403) unless the call has the secret, in a header or field, or is signed with it."""
    given = request.headers.get("x-posko-secret", "") or request.headers.get("authorization", "").removeprefix(
        "Bearer "
    )
    if signature.same(given or str(fields.get("secret", "")), secret):
        return
    signed = request.headers.get("x-signature", "")
    if signed and not signature.timed(body, request.headers.get("x-timestamp", ""), signed, secret, now / 1000):
        return
    raise Refused(403, "forbidden")


def _fields(request: AnyRequest, body: bytes) -> dict[str, Any]:
    if "form" in request.headers.get("content-type", ""):
        return _pairs(body, "utf-8")
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Refused(400, "not_json") from None
    if not isinstance(value, dict):
        raise Refused(400, "not_an_object")
    return value


def _pairs(raw: bytes, encoding: str) -> dict[str, str]:
    try:
        found = parse_qsl(
            raw.decode("latin-1"),
            keep_blank_values=True,
            encoding=encoding,
            errors="replace",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError:
        raise Refused(400, "bad_request") from None
    return dict(found)


def _decoded(fields: Mapping[str, str]) -> dict[str, str]:
    """Kannel's raw bytes as text: UTF-16 when it says so (coding 2), else UTF-8, else Latin 1. `udh` as hexadecimal."""
    raw = fields.get("text", "").encode("latin-1", "replace")
    wide = fields.get("coding") == "2" and "utf-8" not in fields.get("charset", "").lower()
    try:
        text = raw.decode("utf-16-be" if wide and len(raw) % 2 == 0 else "utf-8")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    header = fields.get("udh", "")
    if header and not header.isalnum():
        header = header.encode("latin-1", "replace").hex()
    return {**fields, "text": text, "udh": header}


def _plain(said: str) -> Response[str]:
    return Response(said, media_type="text/plain")
