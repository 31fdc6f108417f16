"""The election's regions as paths of an SVG: no tiles, nothing from the network."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import shapely
from shapely.geometry.base import BaseGeometry

from posko.regions import Regions, codes

WIDTH = 1000.0  # of the drawing, in its own units
FINENESS = 900  # a line may be off by this part of the drawing's width


@dataclass(frozen=True, slots=True)
class Shape:
    """A region on a map. `path` is `""` where no boundary is known; `x`, `y`: where its bubble sits."""

    code: str
    name: str
    path: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Map:
    """A region's parts. `parent` is the region one level up on the board's maps, None at the top."""

    code: str
    name: str
    parent: str | None
    shapes: tuple[Shape, ...]
    height: float


class Shapes:
    """Maps of the election's area and of each region in it that has parts to show."""

    def __init__(self, regions: Regions) -> None:
        self._regions = regions
        self._boundaries: dict[str, dict[str, BaseGeometry]] = {}
        self._made: dict[str, Map] = {}
        self.top = regions.area

    def prepare(self) -> None:
        """Work the boundaries out: 0.3 s for a province, more for all Indonesia."""
        self._boundaries = self._regions.boundaries()
        self.of(self.top)

    def of(self, code: str) -> Map | None:
        """The map of a region; None where there is none: outside the area, a kecamatan, or before `prepare`."""
        if code not in self._made:
            if not self._boundaries or len(code) > 5 or not codes.covers(self.top, code):
                return None
            if code and self._regions.get(code) is None:
                return None
            self._made[code] = self._make(code)
        return self._made[code]

    def _make(self, code: str) -> Map:
        children = self._regions.children(code)
        known = {one: shape for level in self._boundaries.values() for one, shape in level.items()}
        shapes = [known[one] for one in children if one in known]
        middles = [(region.lat, region.lng) for one in children if (region := self._regions.get(one))]
        placed = [(lng, lat) for lat, lng in middles if lat is not None and lng is not None]
        west, south, east, north = _bounds(shapes, placed)
        scale = WIDTH / max(east - west, 1e-6)
        squeeze = 1 / math.cos(math.radians((south + north) / 2))  # degrees of longitude are shorter

        def at(lng: float, lat: float) -> tuple[float, float]:
            return round((lng - west) * scale, 1), round((north - lat) * scale * squeeze, 1)

        outlined = [one for one in children if one in known]
        simple = dict(zip(outlined, _simplified(shapes, (east - west) / FINENESS), strict=True))
        made = []
        for child in children:
            region = self._regions.get(child)
            if region is None:
                continue
            outline = simple.get(child)
            middle = outline.representative_point() if outline is not None and not outline.is_empty else None
            lng, lat = (middle.x, middle.y) if middle is not None else (region.lng, region.lat)
            if lng is None or lat is None:
                continue
            path = _path(outline, at) if outline is not None else ""
            made.append(Shape(child, self._regions.name_of(child).split(", ")[0], path, *at(lng, lat)))
        parent = None if code == self.top else codes.parent(code)
        name = self._regions.name_of(code).split(", ")[0] if code else "Indonesia"
        return Map(code, name, parent, tuple(made), round((north - south) * scale * squeeze, 1))


def _bounds(shapes: list[BaseGeometry], points: list[tuple[float, float]]) -> tuple[float, float, float, float]:
    """West, south, east, north of all, with a margin."""
    everything = shapely.GeometryCollection([*shapes, shapely.MultiPoint(points)])
    west, south, east, north = everything.bounds if not everything.is_empty else (95.0, -11.0, 141.0, 6.0)
    margin = max(east - west, north - south, 0.02) * 0.02
    return west - margin, south - margin, east + margin, north + margin


def _simplified(shapes: list[BaseGeometry], tolerance: float) -> Iterable[BaseGeometry]:
    """Fewer points, and neighbours still touch each other."""
    return list(shapely.coverage_simplify(shapes, tolerance)) if shapes else []


def _path(shape: BaseGeometry, at: object) -> str:
    place = at if callable(at) else None
    assert place
    parts = []
    for polygon in shapely.get_parts(shape):
        for ring in (polygon.exterior, *polygon.interiors):
            points = [place(lng, lat) for lng, lat in ring.coords[:-1]]
            parts.append("M" + "L".join(f"{x:g},{y:g}" for x, y in points) + "Z")
    return "".join(parts)
