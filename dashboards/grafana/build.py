"""The dashboards' JSON, as Grafana stores it: the same for the same election and board, every time."""

from __future__ import annotations

import json
from typing import Any

from grafana_foundation_sdk.builders import dashboard as dashboards
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import DashboardCursorSync, DashboardLinkType, VariableHide

from dashboards.grafana import layout, look, variables
from dashboards.grafana.links import BOARD
from dashboards.grafana.model import Page
from dashboards.grafana.pages import PAGES
from dashboards.grafana.variables import Place

TAG, WALL = "posko", "posko-dinding"


def model(page: Page, place: Place) -> dict[str, Any]:
    """A dashboard as plain JSON values."""
    made = (
        dashboards.Dashboard(page.title)
        .uid(page.uid)
        .description(page.about)
        .tags([TAG, WALL] if page.wall else [TAG])
        .readonly()
        .refresh(page.refresh)
        .time(f"now-{page.since}", "now")
        .timezone("browser")
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .links(_links())
    )
    for variable in variables.of(page, place):
        made = made.with_variable(variable)
    for what in page.panels:
        made = made.with_panel(look.panel(what, place.election.area))
    built: dict[str, Any] = json.loads(json.dumps(made.build(), cls=JSONEncoder))
    for number, (panel, spot) in enumerate(zip(built["panels"], layout.place(page.panels), strict=True), 1):
        panel |= {"id": number, "gridPos": spot._asdict()}
    for variable in built["templating"]["list"]:
        if variable["type"] == "constant":
            variable["hide"] = VariableHide.HIDE_VARIABLE  # which the SDK's builder does not offer
    return built


def _links() -> list[Any]:
    others = dashboards.DashboardLink("Dasbor lain").type(DashboardLinkType.DASHBOARDS).tags([TAG]).as_dropdown(True)
    board = dashboards.DashboardLink("Papan triase").type(DashboardLinkType.LINK).url(f"{BOARD}/").target_blank(True)
    return [others.include_vars(True).keep_time(True), board]


def models(place: Place) -> dict[str, dict[str, Any]]:
    """All dashboards by name."""
    return {name: model(page, place) for name, page in PAGES.items()}


def text(built: Any) -> str:
    """JSON for a file, in one order."""
    return json.dumps(built, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
