"""The citizens' door: no enrolment, but a proof of work, few reports, and a mark on each. Closed unless switched on."""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Any

import msgspec
from litestar import Request, get, post
from litestar.handlers import BaseRouteHandler
from litestar.response.base import ASGIResponse

from producers.gateway import body
from producers.gateway.access import address_of, language_of_request
from producers.gateway.api.reports import Receipts, answered, listed
from producers.gateway.description import TakesPublicReports, answers, problems
from producers.gateway.errors import Problem, Refused
from producers.gateway.parts import Parts
from producers.gateway.work import LASTS_S, Works
from producers.officers import Sender

MOST_REPORTS = 5  # in one request
MOST_BYTES = 64 << 10
CHALLENGE, SOLUTION = "posko-challenge", "posko-solution"  # headers
_DEVICE = re.compile(r"[A-Za-z0-9_-]{16,100}")
AnyRequest = Request[Any, Any, Any]


class Challenge(msgspec.Struct, frozen=True):
    """Find a text `solution` with which SHA-256 of `challenge:ids:solution` (ids: those of the reports, with commas)
    begins with `bits` zero bits, and send both in the headers Posko-Challenge and Posko-Solution."""

    challenge: str
    bits: int
    seconds: int


def handlers(parts: Parts) -> list[BaseRouteHandler]:
    """GET /public/challenge and POST /public/reports; nothing at all while the door is closed."""
    if not parts.settings.gateway_public:
        return []
    works = Works(parts.secret, parts.settings.gateway_public_bits)

    def admit(request: AnyRequest, reports: int) -> None:
        if wait := parts.limits.strangers.take(address_of(request), reports):
            raise Refused(429, "too_many_requests", retry_after=int(wait) + 1, seconds=int(wait) + 1)

    def sender(request: AnyRequest) -> Sender:
        device = request.headers.get("posko-device", "")
        known = device if _DEVICE.fullmatch(device) else address_of(request)
        name = hmac.new(parts.secret, b"citizen" + known.encode(), hashlib.sha256).hexdigest()[:16]
        return Sender.citizen(f"warga-{name}", "web", "en" if language_of_request(request) == "en" else "id")

    @get("/public/challenge")
    async def challenge(request: AnyRequest) -> Challenge:
        """Ask for a proof of work, which pays for one request."""
        return Challenge(works.challenge(parts.now() / 1000), works.bits, LASTS_S)

    @post(
        "/public/reports",
        status_code=202,
        operation_class=TakesPublicReports,
        responses={
            **answers(Receipts, 202, 409),
            **answers(Receipts | Problem, 422),
            **problems(400, 403, 408, 413, 415, 429, 503),
        },
    )
    async def send_public_reports(request: AnyRequest) -> ASGIResponse:
        """Send up to 5 reports as a citizen, with a proof of work. They are marked as public."""
        reports = listed(await body.read_json(request, MOST_BYTES), MOST_REPORTS)
        ids = [str(one.get("report_id", "")) if isinstance(one, dict) else "" for one in reports]
        given, solution = request.headers.get(CHALLENGE, ""), request.headers.get(SOLUTION, "")
        if not works.holds(given, solution, ids, parts.now() / 1000):
            raise Refused(403, "no_work")
        admit(request, len(reports))
        receipts = await parts.acceptance.take(reports, sender(request))
        return answered(receipts)

    return [challenge, send_public_reports]
