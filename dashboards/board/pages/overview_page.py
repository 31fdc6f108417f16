"""The overview, for those who have no Grafana: the figures of now, from what the board has in memory."""

from __future__ import annotations

from collections import Counter
from typing import Any

from litestar import Request, Response, Router, get

from dashboards.board.guard import user_of
from dashboards.board.parts import Parts
from dashboards.board.queue import Queue
from dashboards.board.shown import Shown
from dashboards.board.situation import HIGH, Incident

HOUR_MS = 3600_000
HOURS = 24
MOST_AREAS = 12


def router(parts: Parts, shown: Shown, queue: Queue) -> Router:
    """`/ikhtisar`; it loads itself again every half minute."""

    @get("/ikhtisar")
    async def page(request: Request) -> Response:
        user, now = user_of(request), parts.now()
        found = queue.visible(user.areas)
        return shown.page(
            request,
            "ikhtisar.html",
            figures=queue.figures(user.areas),
            away=parts.live.away,
            **overview([one for one in found if one.is_open], found, now),
        )

    return Router("/", route_handlers=[page])


def overview(still: list[Incident], found: list[Incident], now: int) -> dict[str, Any]:
    """`still`: the open ones among `found`. Counts by category and severity, by agency, by region, and by hour."""
    matrix = Counter((one.category, one.severity) for one in still)
    agencies: dict[str, dict[str, int]] = {}
    regions: dict[str, dict[str, int]] = {}
    for one in still:
        for table, code in ((agencies, one.lead_agency), (regions, one.regency)):
            if code:
                row = table.setdefault(code, {"open": 0, "waiting": 0, "late": 0, "high": 0})
                row["open"] += 1
                row["waiting"] += one.waits
                row["late"] += one.deadline(now) == "late"
                row["high"] += one.severity >= HIGH
    first = now // HOUR_MS - HOURS + 1
    hours = [[0] * 6 for _ in range(HOURS)]
    for one in found:
        hour = one.opened_at // HOUR_MS - first
        if 0 <= hour < HOURS:
            hours[hour][one.severity] += 1
    return {
        "matrix": matrix,
        "agencies": sorted(agencies.items(), key=lambda pair: (-pair[1]["open"], pair[0])),
        "regions": sorted(regions.items(), key=lambda pair: (-pair[1]["high"], pair[0]))[:MOST_AREAS],
        "hours": [((first + at) * HOUR_MS, counts) for at, counts in enumerate(hours)],
        "highest": max(1, *(sum(counts) for counts in hours)),
    }
