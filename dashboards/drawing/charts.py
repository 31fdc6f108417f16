"""Graphs as SVG: lines or stacked areas over time, horizontal bars. Small, without a library, readable in print."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any

from markupsafe import Markup, escape

from dashboards.drawing import values
from dashboards.grafana.asking import Answer
from dashboards.grafana.model import MINUTES, Column, Panel

UNIT = 62, 34  # of the page's grid, in units of the drawing
LABELS = 62  # of a panel's height: title and legend
LEFT, RIGHT, TOP, BOTTOM = 54, 10, 8, 24
TICKS = 4


def series(panel: Panel, answer: Answer, zone: tzinfo) -> Markup:
    """Columns over `time`, as large as the panel."""
    width, height = panel.width * UNIT[0], panel.height * UNIT[1] - LABELS
    moments = [_moment(value) for value in answer.values("time")]
    lines = [[float(value or 0) for value in answer.values(column.name)] for column in panel.columns]
    if panel.stacked:
        lines = [[sum(at) for at in zip(*lines[: row + 1], strict=True)] for row in range(len(lines))]
    first, last = moments[0].timestamp(), moments[-1].timestamp()
    top = _round_up(max((max(line) for line in lines), default=1))
    xs = [LEFT + (width - LEFT - RIGHT) * (moment.timestamp() - first) / max(1.0, last - first) for moment in moments]
    drawn = [_grid(top, panel.columns[0], zone, width, height)]
    order = reversed(range(len(lines))) if panel.stacked else range(len(lines))
    for row in order:
        points = " ".join(f"{x:.1f},{_y(value, top, height):.1f}" for x, value in zip(xs, lines[row], strict=True))
        shade = panel.columns[row].colour
        if panel.stacked or len(lines) == 1:
            floor = _y(0, top, height)
            area = f"{xs[0]:.1f},{floor} {points} {xs[-1]:.1f},{floor}"
            drawn.append(
                Markup('<polygon points="{}" fill="{}" fill-opacity="{}"/>').format(
                    area, shade, 0.9 if panel.stacked else 0.15
                )
            )
        drawn.append(Markup('<polyline points="{}" fill="none" stroke="{}" stroke-width="2"/>').format(points, shade))
    for place in sorted({0, len(moments) // 3, 2 * len(moments) // 3, len(moments) - 1}):
        anchor = "start" if place == 0 else "end" if place == len(moments) - 1 else "middle"
        drawn.append(
            Markup('<text x="{}" y="{}" text-anchor="{}">{}</text>').format(
                f"{xs[place]:.1f}", height - 6, anchor, f"{moments[place].astimezone(zone):%H:%M}"
            )
        )
    return _svg(drawn, width, height, panel.question) + _legend(panel.columns)


def bars(panel: Panel, answer: Answer, zone: tzinfo) -> Markup:
    """A row a bar."""
    name, count = panel.columns
    most = max([float(value or 0) for value in answer.values(count.name)] + [1.0])
    rows = Markup("")
    for label, value in zip(answer.values(name.name), answer.values(count.name), strict=True):
        rows += Markup(
            '<div class="bar"><span class="label">{}</span><span class="track"><span style="width:{}%;background:{}">'
            "</span></span><b>{}</b></div>"
        ).format(
            values.text(label, name, zone),
            f"{100 * float(value or 0) / most:.1f}",
            values.colour(value, count.steps),
            values.text(value, count, zone),
        )
    return Markup('<div class="bars">{}</div>').format(rows)


def _grid(top: float, column: Column, zone: tzinfo, width: int, height: int) -> Markup:
    lines = Markup("")
    for step in range(TICKS + 1):
        value = top * step / TICKS
        y = f"{_y(value, top, height):.1f}"
        lines += Markup(
            '<line x1="{}" x2="{}" y1="{}" y2="{}" class="grid"/><text x="{}" y="{}" dy="4" text-anchor="end">{}</text>'
        ).format(LEFT, width - RIGHT, y, y, LEFT - 6, y, _axis(value, column, zone))
    return lines


def _axis(value: float, column: Column, zone: tzinfo) -> str:
    """Short, since there is little room."""
    return f"{values.number(value)} mnt" if column.unit == MINUTES else values.text(value, column, zone)


def _legend(columns: Sequence[Column]) -> Markup:
    key = Markup('<li><svg viewBox="0 0 1 1" class="key"><rect width="1" height="1" fill="{}"/></svg>{}</li>')
    items = [key.format(one.colour, one.label) for one in columns]
    return Markup('<ul class="legend">{}</ul>').format(Markup("").join(items))


def _svg(parts: Sequence[Markup], width: int, height: int, name: str) -> Markup:
    body = Markup("").join(parts)
    return Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}" class="chart">{}</svg>').format(
        width, height, name, body
    )


def _y(value: float, top: float, height: float) -> float:
    return TOP + (height - TOP - BOTTOM) * (1 - value / top)


def _round_up(value: float) -> float:
    """A number that reads well and divides into the ticks."""
    if value <= TICKS:
        return float(TICKS)
    size = 10.0 ** (len(str(int(value))) - 1)
    return next(size * step for step in (1, 2, 4, 5, 8, 10, 20) if size * step >= value)


def _moment(value: Any) -> datetime:
    assert isinstance(value, datetime), escape(value)
    return value if value.tzinfo else value.replace(tzinfo=UTC)
