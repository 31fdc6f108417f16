"""The map as SVG: kecamatan coloured by what is worst there, borders of the kabupaten/kota, a circle for how many."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import shapely
from markupsafe import Markup

from dashboards.drawing import values
from dashboards.grafana import boundaries
from dashboards.grafana.asking import Answer
from dashboards.grafana.model import SEVERITY

WIDTH = 760
NAMED = 8  # places whose names are written on the map
APART = (150, 22)  # of two names, across and down
LARGEST = 20  # radius of the largest circle


def draw(answer: Answer, area: str, within: Sequence[str] = ()) -> Markup:
    """Answers with the columns code, name, lat, lng, open, worst, critical. `within`: only these kabupaten/kota."""
    shapes = {
        level: {code: shape for code, shape in found.items() if not within or code[:5] in within}
        for level, found in boundaries.shapes(area).items()
    }
    west, south, east, north = (float(one) for one in shapely.total_bounds(list(shapes["regency"].values())))
    squeeze = math.cos(math.radians((south + north) / 2))
    scale = WIDTH / ((east - west) * squeeze)
    height = (north - south) * scale

    def at(lng: float, lat: float) -> tuple[float, float]:
        return (lng - west) * squeeze * scale, (north - lat) * scale

    found = [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]
    worst = {one["code"]: one["worst"] for one in found}
    drawn = [
        Markup('<path d="{}" fill="{}" fill-opacity="{}" class="district"/>').format(
            _path(shape, at), values.colour(worst.get(code), SEVERITY) or "none", 0.35 if code in worst else 0
        )
        for code, shape in shapes["district"].items()
    ]
    drawn += [Markup('<path d="{}" class="regency"/>').format(_path(shape, at)) for shape in shapes["regency"].values()]
    most = max((one["open"] for one in found), default=1)
    for one in sorted(found, key=lambda one: -one["open"]):
        x, y = at(one["lng"], one["lat"])
        radius = 3 + (LARGEST - 3) * math.sqrt(one["open"] / most)
        drawn.append(
            Markup('<circle cx="{}" cy="{}" r="{}" fill="{}"><title>{}</title></circle>').format(
                f"{x:.1f}",
                f"{y:.1f}",
                f"{radius:.1f}",
                values.colour(one["worst"], SEVERITY),
                f"{one['name']}: {one['open']} terbuka, {one['critical']} kritis",
            )
        )
    drawn += _names(found, at)
    body = Markup("").join(drawn)
    told = f"Peta: {sum(one['open'] for one in found)} insiden terbuka, {sum(one['critical'] for one in found)} kritis"
    return Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}" class="map">{}</svg>').format(
        WIDTH, f"{height:.0f}", told, body
    )


def _names(found: list[dict[str, Any]], at: Any) -> list[Markup]:
    """The worst places by name, where there is room."""
    taken: list[tuple[float, float]] = []
    drawn = []
    for one in sorted(found, key=lambda one: (-one["critical"], -one["open"])):
        x, y = at(one["lng"], one["lat"])
        if len(taken) < NAMED and all(abs(x - other[0]) > APART[0] or abs(y - other[1]) > APART[1] for other in taken):
            taken.append((x, y))
            text = Markup('<text x="{}" y="{}" class="place">{} {}</text>')
            drawn.append(text.format(f"{x:.1f}", f"{y - 8:.1f}", one["name"], one["open"]))
    return drawn


def _path(shape: Any, at: Any) -> str:
    parts = []
    for polygon in shapely.get_parts(shape):
        for ring in (polygon.exterior, *polygon.interiors):
            points = (at(x, y) for x, y in ring.coords)
            parts.append("M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in points) + "Z")
    return "".join(parts)
