"""The situation report of one's own area, as `posko sitrep` makes it, to be read or printed from the browser."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from datetime import UTC, datetime
from typing import Annotated

from litestar import MediaType, Request, Response, Router, get
from litestar.exceptions import HTTPException
from litestar.params import Parameter

from dashboards.board.guard import user_of
from dashboards.board.parts import Parts
from dashboards.grafana import asking
from dashboards.sitrep import page as sitrep

KEPT_MS = 60_000  # it asks a dozen questions: whoever asks again within a minute sees the same page
MOST_KEPT = 32
AWAY = "Basis data tidak menjawab; laporan situasi belum dapat dibuat. Coba lagi."

About = tuple[tuple[str, ...], int]  # areas, hours
Hours = Annotated[int, Parameter(query="jam", ge=1, le=sitrep.MOST_HOURS)]


class Reports:
    """Makes one report at a time and keeps the latest for a minute, by area and hours."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._kept: OrderedDict[About, tuple[int, str]] = OrderedDict()
        self._making = asyncio.Lock()

    async def of(self, areas: tuple[str, ...], hours: int) -> str:
        """The page about the last `hours` in `areas` (none: everywhere). Raises HTTPException when nobody answers."""
        about = areas, hours
        async with self._making:
            now = self._parts.now()
            made_at, html = self._kept.get(about, (0, ""))
            if not html or now - made_at > KEPT_MS:
                html = await asyncio.to_thread(self._made, areas, hours, now)
                self._kept[about] = now, html
                self._kept.move_to_end(about)
                if len(self._kept) > MOST_KEPT:
                    self._kept.popitem(last=False)
            return html

    def _made(self, areas: tuple[str, ...], hours: int, now: int) -> str:
        parts = self._parts
        try:
            with asking.door(parts.settings, through_grafana=False) as ask:
                return sitrep.render(ask, parts.context, "", areas, hours, datetime.fromtimestamp(now / 1000, UTC))
        except asking.Refused as error:
            raise HTTPException(AWAY, status_code=503) from error


def router(parts: Parts) -> Router:
    """`/sitrep`, with `?jam=N` for the last N hours."""
    reports = Reports(parts)

    @get("/sitrep")
    async def page(request: Request, hours: Hours = 12) -> Response[str]:
        html = await reports.of(tuple(sorted(user_of(request).areas)), hours)
        return Response(html, media_type=MediaType.HTML, headers={"content-security-policy": sitrep.policy()})

    return Router("/", route_handlers=[page])
