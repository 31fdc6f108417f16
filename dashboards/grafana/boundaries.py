"""The area's boundaries for Grafana's map, inside the dashboard itself: no file server, no internet.

Grafana's GeoJSON layer takes any address; a `data:` address carries the shapes along.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import shapely

from posko.regions import Regions

COARSE = 0.01  # degrees, about a kilometre: enough for a whole province on a wall
DIGITS = 3


class View(NamedTuple):
    """Where the map looks, and how near."""

    lat: float
    lng: float
    zoom: float


@cache
def shapes(area: str) -> dict[str, dict[str, Any]]:
    """Simplified boundaries of the area, by level (`regency`, `district`) and code."""
    found = Regions.load(area).boundaries()
    return {
        level: {code: shapely.simplify(shape, COARSE) for code, shape in sorted(found.get(level, {}).items())}
        for level in ("regency", "district")
    }


@cache
def as_url(area: str) -> str:
    """The kabupaten/kota as a `data:` address of GeoJSON, the same for the same boundaries."""
    features = [
        {
            "type": "Feature",
            "properties": {"code": code},
            "geometry": {"type": "MultiPolygon", "coordinates": [list(rings) for rings in _rings(shape)]},
        }
        for code, shape in shapes(area)["regency"].items()
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features}, separators=(",", ":"))
    return "data:application/geo+json;base64," + base64.b64encode(text.encode()).decode()


@cache
def view(area: str) -> View:
    """The whole area in view."""
    west, south, east, north = shapely.total_bounds(list(shapes(area)["regency"].values()))
    width = max(east - west, 1.4 * (north - south), 0.05)
    return View(
        round(float(south + north) / 2, 3), round(float(west + east) / 2, 3), round(math.log2(360 / width) + 0.6, 1)
    )


def _rings(shape: Any) -> Iterator[list[list[list[float]]]]:
    for part in shapely.get_parts(shape):
        yield [
            [[round(x, DIGITS), round(y, DIGITS)] for x, y in ring.coords] for ring in (part.exterior, *part.interiors)
        ]
