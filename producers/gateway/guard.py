"""What holds for every request: headers that keep browsers safe, and how many may be under way at once."""

from __future__ import annotations

from collections.abc import Callable

from litestar.types import ASGIApp, Message, Receive, Scope, Send

from producers.gateway.errors import Refused
from producers.gateway.parts import Parts

MOST_AT_ONCE = 2_000  # requests under way; the next is asked to come again
SAFE = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
POLICY = (
    b"content-security-policy",
    b"default-src 'none'; frame-ancestors 'none'",
)  # a page says what it needs instead

KEPT = (b"cache-control", b"no-store")


class UnderWay:
    """How many requests are being answered."""

    def __init__(self) -> None:
        self.count = 0


def guarded(parts: Parts) -> Callable[[ASGIApp], ASGIApp]:
    """The middleware."""
    secure = parts.settings.gateway_address.startswith("https:")
    headers = [*SAFE, (b"strict-transport-security", b"max-age=31536000")] if secure else SAFE
    under_way = UnderWay()

    def wrap(app: ASGIApp) -> ASGIApp:
        async def guard(scope: Scope, receive: Receive, send: Send) -> None:
            async def sending(message: Message) -> None:
                if message["type"] == "http.response.start":
                    given = list(message.get("headers", ()))
                    names = {name for name, _ in given}
                    ours = [one for one in (POLICY, KEPT) if one[0] not in names]
                    message["headers"] = [*given, *headers, *ours]
                await send(message)

            if under_way.count >= MOST_AT_ONCE:
                raise Refused(503, "busy", retry_after=2)
            under_way.count += 1
            try:
                await app(scope, receive, sending)
            finally:
                under_way.count -= 1

        return guard

    return wrap
