"""The map: where what is open, region by region."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

from litestar import Request, Response, Router, get
from litestar.exceptions import NotFoundException

from dashboards.board.filters import Filter
from dashboards.board.guard import user_of
from dashboards.board.parts import Parts
from dashboards.board.queue import Queue
from dashboards.board.roles import place
from dashboards.board.shapes import Map
from dashboards.board.shown import Shown
from dashboards.board.situation import HIGH
from dashboards.board.stream import streaming

Bubbles = dict[str, dict[str, float]]
SMALLEST, LARGEST = 13, 38  # radius of a bubble, in a drawing that is 1,000 wide
FEW = 40  # where nothing is open in larger numbers, bubbles stay smaller too


def router(parts: Parts, shown: Shown, queue: Queue) -> Router:
    """`/peta` and its stream."""

    def bubbles(areas: tuple[str, ...], drawn: Map, wanted: Filter) -> Bubbles:
        """By region on the map: open incidents, the worst severity, how many are severe, how many late; the radius."""
        now, found = parts.now(), defaultdict[str, list[Any]](list)
        length = {0: 2, 2: 5, 5: 8}[len(drawn.code)]
        for one in queue.listed(areas, wanted):
            code = place(one)
            found[code[:length] if len(code) >= length else ""].append(one)
        most = max((len(ones) for code, ones in found.items() if code), default=0)
        return {
            code: {
                "open": len(ones),
                "radius": radius(len(ones), most),
                "worst": max(one.severity for one in ones),
                "high": sum(one.severity >= HIGH for one in ones),
                "late": sum(one.deadline(now) == "late" for one in ones),
            }
            for code, ones in found.items()
        }

    def drawn(request: Request) -> tuple[Map, Filter]:
        wanted = Filter.of(request.query_params)
        found = parts.shapes.of(wanted.wilayah or default_of(request))
        if found is None:
            raise NotFoundException("Peta wilayah itu tidak ada, atau masih disiapkan; muat ulang sebentar lagi.")
        return found, wanted

    def default_of(request: Request) -> str:
        areas = user_of(request).areas
        return areas[0][:5] if len(areas) == 1 else parts.shapes.top

    @get("/peta")
    async def page(request: Request) -> Response:
        found, wanted = drawn(request)
        user = user_of(request)
        known = bubbles(user.areas, found, wanted)
        return shown.page(
            request,
            "peta.html",
            drawn=found,
            wanted=wanted,
            bubbles=known,
            small_on_top=sorted(found.shapes, key=lambda shape: -known.get(shape.code, {}).get("radius", 0)),
            figures=queue.figures(user.areas),
            away=parts.live.away,
        )

    @get("/peta/arus")
    async def stream(request: Request) -> Response:
        found, wanted = drawn(request)
        areas = user_of(request).areas

        def news(changed: set[str], everything: bool) -> dict[str, Any]:
            return {"bubbles": bubbles(areas, found, wanted), "alarming": queue.figures(areas).alarming}

        return streaming(request, parts, news)

    return Router("/", route_handlers=[page, stream])


def radius(open_: int, most: int) -> float:
    """Of a region's bubble, so that its area grows with what is open there. `most`: open in the fullest region of the
    map."""
    return round(SMALLEST + (LARGEST - SMALLEST) * math.sqrt(open_ / max(most, FEW)), 1) if open_ else 0
