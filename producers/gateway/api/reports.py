"""Reports in, and what became of one's own."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Request, get, post
from litestar.handlers import BaseRouteHandler
from litestar.params import Parameter
from litestar.response.base import ASGIResponse

from posko import log
from producers.gateway import body
from producers.gateway.acceptance import Receipt
from producers.gateway.access import officer_of
from producers.gateway.description import SIGNED_IN, TakesReports, answers, problems
from producers.gateway.errors import Problem, Refused
from producers.gateway.parts import Parts
from producers.gateway.statuses import Status, Told
from producers.officers import Sender

MOST_REPORTS = 500  # in one request
MOST_BYTES = 8 << 20
NOTES = {
    "id": "Keadaan laporan belum dapat dilihat sekarang; laporan yang sudah diterima aman.",
    "en": "What became of reports cannot be looked up right now; what was accepted is safe.",
}
logger = log.get("gateway")
AnyRequest = Request[Any, Any, Any]
Ids = Annotated[str, Parameter(description="Ids of reports, separated by commas; at most 500.", max_length=20_000)]


class Receipts(msgspec.Struct, frozen=True):
    """What became of each report, in the order in which they were sent."""

    receipts: list[Receipt]


def handlers(parts: Parts) -> list[BaseRouteHandler]:
    """POST and GET /reports, GET /reports/mine."""

    @post(
        "/reports",
        status_code=202,
        operation_class=TakesReports,
        security=SIGNED_IN,
        responses={
            **answers(Receipts, 202, 409),
            **answers(Receipts | Problem, 422),
            **problems(400, 401, 408, 413, 415, 429, 503),
        },
    )
    async def send_reports(request: AnyRequest) -> ASGIResponse:
        """Send one report, or up to 500 as {"reports": [...]}. Answers after Kafka has acknowledged them."""
        officer = officer_of(request, parts.officers)
        reports = listed(await body.read_json(request, MOST_BYTES))
        if wait := parts.limits.reports.take(officer.id, len(reports)):
            seconds = int(wait) + 1
            raise Refused(429, "too_many_requests", retry_after=seconds, seconds=seconds)
        receipts = await parts.acceptance.take(reports, Sender.of(officer, "api" if officer.program else "app"))
        return answered(receipts)

    looks = problems(400, 401, 429)

    @get("/reports", security=SIGNED_IN, responses=looks)
    async def look_up(request: AnyRequest, ids: Ids) -> Told:
        """What became of reports that one sent."""
        return await _told(parts, request, list(dict.fromkeys(one for one in ids.split(",") if one))[:MOST_REPORTS])

    @get("/reports/mine", security=SIGNED_IN, responses=looks)
    async def mine(request: AnyRequest) -> Told:
        """What became of the latest reports that one sent."""
        return await _told(parts, request, [])

    return [send_reports, look_up, mine]


def listed(content: Any, most: int = MOST_REPORTS) -> list[Any]:
    """The reports of a body. Raises Refused."""
    reports = content["reports"] if isinstance(content, dict) and "reports" in content else [content]
    if not isinstance(reports, list) or not reports or not isinstance(content, dict):
        raise Refused(422, "no_reports")
    if len(reports) > most:
        raise Refused(422, "too_many_reports", most=most)
    return reports


def answered(receipts: list[Receipt]) -> ASGIResponse:
    """The receipts as an answer, without the framework's way of finding out how to write them."""
    body = msgspec.json.encode(Receipts(receipts))
    return ASGIResponse(body=body, media_type="application/json", status_code=status_of(receipts))


def status_of(receipts: list[Receipt]) -> int:
    """202, unless there was nothing to accept in it: 409 when all are in conflict, else 422."""
    states = {receipt.state for receipt in receipts}
    if states <= {"conflict"}:
        return 409
    return 422 if states <= {"conflict", "refused"} else 202


async def _told(parts: Parts, request: AnyRequest, ids: list[str]) -> Told:
    officer = officer_of(request, parts.officers)
    if wait := parts.limits.lookups.take(officer.id):
        raise Refused(429, "too_many_requests", retry_after=int(wait) + 1, seconds=int(wait) + 1)
    try:
        return Told(await parts.statuses.of(officer.id, ids))
    except Exception as error:
        logger.warning("states of reports cannot be looked up", kind=type(error).__name__)
        return Told([Status(one, "received") for one in ids], NOTES[officer.language])
