"""The webhook of the WhatsApp Business Cloud API. Closed until the app's secret is set."""

from __future__ import annotations

from typing import Any

import orjson
from litestar import Request, Response, Router, get, post

from posko import log
from producers.gateway.body import read
from producers.gateway.errors import Refused
from producers.gateway.parts import Parts
from producers.officers import Sender
from producers.sms.conversation import Busy, Conversation
from producers.sms.inbox import Inbox
from producers.sms.signature import same
from producers.whatsapp.graph import Graph
from producers.whatsapp.message import Message, messages, signed

MOST_BYTES = 1 << 20  # of a call
QUIET_MS = 20_000  # after somebody's last message: pictures and a position follow a text
AnyRequest = Request[Any, Any, Any]
logger = log.get("messages")


def router(parts: Parts) -> Router:
    """The door. Its waiting messages are in `messages.sqlite3` in the instance's folder, with those of SMS."""
    known = parts.settings
    secret, verify = known.whatsapp_secret.get_secret_value(), known.whatsapp_verify.get_secret_value()
    graph = Graph(known, parts.attachments)

    async def tell(phone: str, text: str) -> None:
        line, _, person = phone.partition("/")
        await graph.reply(line, person, text)

    async def fetch(announced: dict[str, Any], sender: Sender) -> dict[str, Any] | None:
        return await graph.fetch(announced, sender, parts.now())

    inbox = Inbox(known.data / "messages.sqlite3")
    talk = Conversation("whatsapp", parts, inbox, tell, QUIET_MS, fetch)
    parts.tending.append(talk.tend)

    async def take(message: Message) -> None:
        try:
            await talk.chat(f"{message.line}/{message.phone}", message.unit)
        except Busy:
            logger.warning("somebody sends more messages than a person can; they are left out")

    @get("/webhook")
    async def verified(request: AnyRequest) -> Response[str]:
        """Meta asks whether this is our webhook: its challenge is given back when the token is right."""
        asked = request.query_params
        if asked.get("hub.mode") != "subscribe" or not same(asked.get("hub.verify_token", ""), verify):
            raise Refused(403, "forbidden")
        return Response(asked.get("hub.challenge", "")[:200], media_type="text/plain")

    @post("/webhook", status_code=200)
    async def webhook(request: AnyRequest) -> Response[bytes]:
        """Messages of people. 200 means that each of them is kept here."""
        body = await read(request, MOST_BYTES)
        if not signed(body, request.headers.get("x-hub-signature-256", ""), secret):
            raise Refused(403, "forbidden")
        try:
            content = orjson.loads(body)
        except orjson.JSONDecodeError:
            raise Refused(400, "not_json") from None
        for message in messages(content, parts.now()):
            await take(message)
        return Response(b"{}", media_type="application/json")

    return Router("/whatsapp", route_handlers=[verified, webhook], include_in_schema=False)
