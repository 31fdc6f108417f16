"""The report as one HTML page that loads nothing and runs nothing."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from dashboards.board import mask
from dashboards.drawing import atlas, charts, values
from dashboards.grafana.asking import Answer, Ask
from dashboards.grafana.macros import Range
from dashboards.grafana.model import MOMENT, Column, Kind, Panel
from dashboards.grafana.pages import columns as c
from dashboards.grafana.pages import words
from dashboards.grafana.variables import Place
from dashboards.sitrep import area, facts
from posko.context import Context

MOST_HOURS = 72
POINTS = 48  # of the graph
BURNING = 9
KEEPING_UP = Panel(Kind.SERIES, "opened_closed", "", (c.opened, c.taken, c.closed), 12, 8)
HERE = Path(__file__).parent
TEMPLATES = Environment(
    loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)


def span_of(hours: int, now: datetime) -> Range:
    """The last hours until `now`, in steps that fill a small graph."""
    steps = (300, 600, 900, 1800, 3600, 7200)
    step = next((one for one in steps if one >= hours * 3600 / POINTS), steps[-1])
    return Range(now - timedelta(hours=hours), now, step)


def render(ask: Ask, known: Context, board: str, areas: Sequence[str], hours: int, now: datetime) -> str:
    """HTML of the report about `areas` (codes; none: everywhere). `board`: address of incidents, without a slash at the
    end; "" on the board itself. Raises asking.Refused when a question is not answered.
    """
    place, span, zone = Place(known.election, board), span_of(hours, now), known.election.timezone
    found = facts.ask_all(ask, place, span, areas)
    figures = facts.figures(found["headline"])
    phase = facts.rows(found["phase"])[0]
    return TEMPLATES.get_template("page.html").render(
        css=css(),
        title=known.election.title,
        area=area.name(areas, known.regions),
        hours=hours,
        start=f"{span.start.astimezone(zone):%d/%m/%Y %H.%M}",
        end=f"{now.astimezone(zone):%d/%m/%Y %H.%M}",
        zone=f"{now.astimezone(zone):%Z}",
        phase=phase,
        figures=figures,
        burning=facts.rows(found["burning"])[:BURNING],
        map=_map(found["map"], known.election.area, areas),
        keeping_up=_graph(found["keeping_up"], zone),
        categories=facts.rows(found["categories"]),
        places=facts.rows(found["places"]),
        agencies=facts.rows(found["by_agency"]),
        escalated=facts.rows(found["escalated"]),
        claims=facts.rows(found["claims"]),
        resolved=facts.rows(found["resolved"]),
        pipeline=facts.rows(found["pipeline_now"])[0] | facts.rows(found["pipeline_figures"])[0],
        board=board,
        words=words,
        holder=lambda code: c.HELD_BY.get(code, code) or values.NOTHING,
        number=lambda value: values.number(value or 0),
        minutes=lambda value: values.text(value, c.minutes_left, zone),
        moment=lambda value: values.text(value, Column("at", "", MOMENT), zone),
        safe_words=mask.text,
        headline=headline,
    )


def headline(one: dict[str, Any]) -> str:
    """An incident's title without its place, which has a column of its own."""
    return str(one["title"]).removesuffix(f" - {one.get('place_name', '')}")


@cache
def css() -> str:
    """The page's only style sheet."""
    return (HERE / "page.css").read_text(encoding="utf-8")


@cache
def policy() -> str:
    """A Content-Security-Policy under which the page looks as it should and nothing else is loaded or run."""
    digest = base64.b64encode(hashlib.sha256(f"\n{css()}".encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def _map(answer: Answer, whole: str, areas: Sequence[str]) -> Markup:
    return atlas.draw(answer, whole, sorted({code[:5] for code in areas}))


def _graph(answer: Answer, zone: object) -> Markup:
    return charts.series(KEEPING_UP, answer, zone) if answer.rows else Markup("")  # type: ignore[arg-type]
