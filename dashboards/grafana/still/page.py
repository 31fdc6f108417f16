"""The page: each dashboard a section, each panel where Grafana has it, from the same questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from dashboards.drawing import atlas, charts, values
from dashboards.grafana import layout, variables
from dashboards.grafana.asking import Answer, Ask, Refused
from dashboards.grafana.layout import Spot
from dashboards.grafana.macros import Range
from dashboards.grafana.model import Kind, Page, Panel
from dashboards.grafana.pages import PAGES
from dashboards.grafana.variables import Place

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)


@dataclass(frozen=True)
class Shown:
    """A panel with what is drawn in it."""

    panel: Panel
    spot: Spot
    body: Markup


def render(ask: Ask, place: Place, span: Range, names: Sequence[str]) -> str:
    """HTML of the dashboards named, as they are now. A question that is refused shows why, in its panel."""
    sections = [(PAGES[name], _panels(ask, PAGES[name], place, span)) for name in names]
    zone = place.election.timezone
    return TEMPLATES.get_template("page.html").render(
        title=place.election.title,
        sections=sections,
        start=f"{span.start.astimezone(zone):%d/%m/%Y %H:%M}",
        end=f"{span.end.astimezone(zone):%d/%m/%Y %H:%M}",
        zone=f"{span.end.astimezone(zone):%Z}",
        board=place.board.rstrip("/"),
    )


def _panels(ask: Ask, page: Page, place: Place, span: Range) -> list[Shown]:
    given = variables.given(page, place)
    answers: dict[str, Answer | Refused] = {}
    for panel in page.panels:  # panels that share a question ask it once
        if panel.ask not in answers:
            try:
                answers[panel.ask] = ask(panel.sql, given, span)
            except Refused as error:
                answers[panel.ask] = error
    spots = layout.place(page.panels)
    return [
        Shown(panel, spot, _body(panel, answers[panel.ask], place))
        for panel, spot in zip(page.panels, spots, strict=True)
    ]


def _body(panel: Panel, answer: Answer | Refused, place: Place) -> Markup:
    if isinstance(answer, Refused):
        return Markup('<p class="wrong">{}</p>').format(str(answer))
    if not answer.rows:
        return Markup('<p class="none">{}</p>').format(panel.none)
    zone = place.election.timezone
    if panel.kind is Kind.STAT:
        (column,) = panel.columns
        value = answer.values(column.name)[0]
        words = isinstance(value, str)
        shade = column.steps[0][1] if words else values.colour(value, column.steps)
        return Markup('<p class="figure {}" style="background:{}">{}</p>').format(
            "words" if words else "", shade, values.text(value, column, zone)
        )
    if panel.kind is Kind.SERIES:
        return charts.series(panel, answer, zone)
    if panel.kind is Kind.BARS:
        return charts.bars(panel, answer, zone)
    if panel.kind is Kind.MAP:
        return atlas.draw(answer, place.election.area)
    return _table(panel, answer, place)


def _table(panel: Panel, answer: Answer, place: Place) -> Markup:
    columns = [column for column in panel.columns if not column.hidden]
    rows: list[list[dict[str, Any]]] = []
    for row in answer.rows:
        named = dict(zip(answer.columns, row, strict=True))
        rows.append(
            [
                {
                    "text": values.text(named[column.name], column, place.election.timezone),
                    "colour": values.colour(named[column.name], column.steps) if len(column.steps) > 1 else "",
                    "number": bool(column.unit),
                    "href": f"{place.board.rstrip('/')}/insiden/{named[column.name]}" if column.link == "act" else "",
                }
                for column in columns
            ]
        )
    made = TEMPLATES.get_template("table.html").render(columns=columns, rows=rows)
    return Markup(made)  # noqa: S704  the template escapes
