"""The queue: everything that somebody has to decide, the burning first."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from litestar import Request, Response, Router, get

from dashboards.board.filters import DEADLINES, ORDERS, STATES, Filter
from dashboards.board.guard import user_of
from dashboards.board.parts import Parts
from dashboards.board.queue import Queue
from dashboards.board.shown import Shown, language_of
from dashboards.board.stream import streaming
from posko.regions import codes


def router(parts: Parts, shown: Shown, queue: Queue) -> Router:
    """`/`, its list alone, and its stream."""

    def listed(request: Request) -> dict[str, Any]:
        user, wanted = user_of(request), Filter.of(request.query_params)
        found = queue.listed(user.areas, wanted)
        language = language_of(request)
        rows = [shown.row(one, language) for one in found[: wanted.banyak]]
        return {
            "wanted": wanted,
            "rows": rows,
            "total": len(found),
            "figures": queue.figures(user.areas),
            "away": parts.live.away,
        }

    @get("/")
    async def page(request: Request) -> Response:
        user = user_of(request)
        return shown.page(
            request,
            "antrean.html",
            **listed(request),
            areas=areas_of(parts, user.areas),
            states=STATES,
            deadlines=DEADLINES,
            orders=ORDERS,
        )

    @get("/daftar")
    async def only_list(request: Request) -> Response:
        return shown.page(request, "daftar.html", **listed(request))

    @get("/arus")
    async def stream(request: Request) -> Response:
        user, wanted, language = user_of(request), Filter.of(request.query_params), language_of(request)
        shown_ids = {one.incident_id for one in queue.listed(user.areas, wanted)}

        def news(changed: set[str], everything: bool) -> dict[str, Any]:
            rows: dict[str, str | None] = {}
            for incident_id in changed:
                one = queue.get(incident_id, user.areas)
                if one and wanted.fits(one, parts.now()):
                    shown_ids.add(incident_id)
                    rows[incident_id] = shown.row(one, language)
                elif incident_id in shown_ids:
                    shown_ids.discard(incident_id)
                    rows[incident_id] = shown.row(one, language) if one else None
            return {
                "rows": rows,
                "gone": [one for one in rows if one not in shown_ids],
                "reload": everything,
                "figures": asdict(queue.figures(user.areas)),
            }

        return streaming(request, parts, news)

    return Router("/", route_handlers=[page, only_list, stream])


def areas_of(parts: Parts, areas: tuple[str, ...]) -> list[tuple[str, str]]:
    """Code and name of the areas to choose from: kabupaten/kota of the election, or kecamatan of one's own."""
    regions = parts.context.regions
    tops = areas or (regions.area,)
    found: list[str] = []
    for top in tops:
        found += regions.children(top) if len(top) < 5 or areas else [top]
        found += [top] if len(top) >= 8 else []
    shown = [code for code in dict.fromkeys(found) if code and codes.level_of(code) != "village"]
    return [(code, regions.name_of(code).split(", ")[0]) for code in shown]
