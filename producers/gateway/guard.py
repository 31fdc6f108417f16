"""What holds for every answer, errors included: headers that keep browsers safe, and how many may be under way."""

from __future__ import annotations

import msgspec
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from posko import metrics
from producers.gateway.errors import Problem
from producers.gateway.wording import told

MOST_AT_ONCE = 2_000  # requests under way; the next is asked to come again
BUSY_S = 2
SAFE = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
ENCRYPTED = (b"strict-transport-security", b"max-age=31536000")
# What an answer may say otherwise: a page needs its own files, a picture may be kept.
UNLESS_SAID = [
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cache-control", b"no-store"),
]

# The first parts of an address, and the door that is there.
DOORS = (
    ("/api/v1/public/", "web"), ("/api/", "api"), ("/sms", "sms"), ("/whatsapp", "whatsapp"), ("/odk", "odk"),
    ("/cap", "cap"), ("/hooks/", "hook"),
)  # fmt: skip


def door_of(path: str) -> str:
    """The door that an address belongs to; `other` for files of the app and what is not there."""
    return next((door for begins, door in DOORS if path.startswith(begins)), "other")


class Guard:
    """The outermost layer, around the whole application. `encrypted`: phones reach it over https."""

    def __init__(self, app: ASGIApp, encrypted: bool, most: int = MOST_AT_ONCE) -> None:
        self._app, self._most = app, most
        self._headers = [*SAFE, ENCRYPTED] if encrypted else SAFE
        self._under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = list(message["headers"])
                if message["status"] >= 400:
                    metrics.GATEWAY_REFUSED.labels(door_of(scope["path"]), message["status"]).inc()
                names = {name.lower() for name, _ in given}
                ours = (one for one in (*self._headers, *UNLESS_SAID) if one[0] not in names)
                message["headers"] = [*given, *ours]
            await send(message)

        if self._under_way >= self._most:
            await _busy(sending)
            return
        self._under_way += 1
        try:
            await self._app(scope, receive, sending)
        finally:
            self._under_way -= 1


async def _busy(send: Send) -> None:
    body = msgspec.json.encode(Problem("busy", told("busy", "id")))
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"retry-after", str(BUSY_S).encode()),
    ]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
