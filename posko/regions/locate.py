"""Which region a point lies in: the nearest centroid, or official boundaries where they have been imported."""

from __future__ import annotations

from bisect import bisect_left
from math import cos, floor, hypot, radians, sqrt
from typing import NamedTuple

import msgspec
import numpy as np
import shapely
from shapely import STRtree
from shapely.geometry.base import BaseGeometry

from posko.regions import codes

# Metres a degree on WGS84 at the equator. Within Indonesia the error of a flat map is below 2 %.
METRES_LAT = 110_574.0
METRES_LNG = 111_320.0
FAR_M = 60_000.0  # from the nearest centroid: further away is open sea or another country
# A border between two centroids is itself uncertain: the two sources of centroids differ by 0.8 km (median), and the
# wider the cells, the less a straight line between them says.
UNSURE_M = 800.0
UNSURE_SHARE = 0.25
# A report comes from the configured area unless it is clearly outside: its centroids win when not much further away.
HOME_SHARE = 1.5
HOME_M = 1_000.0
EDGE_M = 300.0  # from an official boundary: simplified lines and phone positions are no better
CELL_M = 2_000.0
BLOCK_M = 100_000.0  # cells are worked out from the centroids in and around a block of this size
MAX_CELLS = 50_000  # remembered; about half a kB each


class Located(msgspec.Struct, frozen=True, gc=False):
    """Where a point lies. `distance_m` is to the centroid of `village`; `uncertain`: perhaps the next kecamatan."""

    village: str
    district: str
    regency: str
    province: str
    distance_m: float
    uncertain: bool

    @property
    def code(self) -> str:
        """The smallest region that is known."""
        return self.village or self.district or self.regency or self.province


class Area(NamedTuple):
    """An official boundary, in degrees."""

    code: str
    shape: BaseGeometry


Centroid = tuple[float, float, str, str]  # x, y in metres, village, district
Centroids = tuple[Centroid, ...]


class Choice(NamedTuple):
    """One possibility in a cell of the grid: inside the boundary of `code` (`""`: in none) it is one of `centroids`.

    `shape` is None when every point of the cell is inside; `edge` is the boundary's line in and near the cell, if any.
    """

    code: str
    shape: BaseGeometry | None
    edge: BaseGeometry | None
    centroids: Centroids


class Locator:
    """Finds regions for points. The candidates for a cell of a grid are worked out when a point first falls there."""

    def __init__(
        self, lat: np.ndarray, lng: np.ndarray, villages: list[str], area: str, boundaries: list[Area]
    ) -> None:
        """Centroids in degrees of `villages`: those of `area`, and its neighbours', to know a point next door as such.

        `boundaries` are official ones, the smallest that holds a point decides.
        """
        order = sorted(range(len(villages)), key=villages.__getitem__)
        self._villages = [villages[row] for row in order]
        self._scale_x = METRES_LNG * cos(radians(float(lat.mean()))) if len(lat) else METRES_LNG
        self._x, self._y = lng[order] * self._scale_x, lat[order] * METRES_LAT
        self._area = area
        self._boundaries = sorted(boundaries, key=lambda one: (-len(one.code), one.code))
        self._tree = STRtree([one.shape for one in self._boundaries])
        shapely.prepare([one.shape for one in self._boundaries])
        self._cells: dict[tuple[int, int], tuple[Choice, ...]] = {}
        self._blocks: dict[tuple[int, int], np.ndarray] = {}
        self._centroids: dict[int, Centroid] = {}

    def locate(self, lat: float, lng: float) -> Located | None:
        """The region of a point in degrees; None when it is far from every known village, or no point on Earth."""
        if not (-90.0 <= lat <= 90.0 and -180.0 <= lng <= 180.0):
            return None
        x, y = lng * self._scale_x, lat * METRES_LAT
        key = floor(x / CELL_M), floor(y / CELL_M)
        choices = self._cells.get(key)
        if choices is None:
            choices = self._learn(key)
        for choice in choices:
            if not choice.code:
                # Outside every official boundary although one is near: the place is doubtful.
                return self._nearest(choice.centroids, x, y, len(choices) > 1)
            if choice.shape is None or shapely.contains_xy(choice.shape, lng, lat):
                return self._bounded(choice, x, y, lat, lng)
        return None

    def places(self) -> dict[str, tuple[float, float]]:
        """The centroids (lat, lng) that are searched, by village."""
        lat, lng = (self._y / METRES_LAT).tolist(), (self._x / self._scale_x).tolist()
        return {village: (north, east) for village, north, east in zip(self._villages, lat, lng, strict=True)}

    def _nearest(self, centroids: Centroids, x: float, y: float, doubt: bool) -> Located | None:
        """The village of the nearest centroid, and whether one of another kecamatan is nearly as near."""
        best = other = float("inf")
        village = district = ""
        for cx, cy, code, its_district in centroids:
            square = (cx - x) * (cx - x) + (cy - y) * (cy - y)
            if square < best:
                if its_district != district:
                    other = best
                best, village, district = square, code, its_district
            elif square < other and its_district != district:
                other = square
        distance = sqrt(best)
        if not village or distance > FAR_M:
            return None
        margin = (sqrt(other) - distance) / 2  # to the line half-way, for a point between the two
        uncertain = doubt or margin < UNSURE_M + UNSURE_SHARE * distance
        if not village.startswith(self._area):
            near = self._nearest_inside(centroids, x, y)
            if near and near[0] < distance * HOME_SHARE + HOME_M:
                distance, village, uncertain = *near, True
        return Located(village, village[:8], village[:5], village[:2], distance, uncertain)

    def _nearest_inside(self, centroids: Centroids, x: float, y: float) -> tuple[float, str] | None:
        """Distance and village of the nearest centroid of the configured area."""
        return min(
            ((hypot(cx - x, cy - y), code) for cx, cy, code, _ in centroids if code.startswith(self._area)),
            default=None,
        )

    def _bounded(self, choice: Choice, x: float, y: float, lat: float, lng: float) -> Located:
        """The place of a point in an official boundary; the levels below come from the nearest centroid inside."""
        edge = choice.edge is not None and bool(
            shapely.dwithin(choice.edge, shapely.Point(lng, lat), EDGE_M / METRES_LAT)
        )
        if len(choice.code) < 8 and (near := self._nearest(choice.centroids, x, y, edge)):
            return near  # the kecamatan is not official, and so may be uncertain
        if not choice.centroids:
            province, regency, district, village = codes.chain(choice.code)
            return Located(village, district, regency, province, 0.0, edge or not district)
        distance, village = min((hypot(cx - x, cy - y), code) for cx, cy, code, _ in choice.centroids)
        return Located(village, village[:8], village[:5], village[:2], distance, edge)

    def _learn(self, key: tuple[int, int]) -> tuple[Choice, ...]:
        """The choices for points in a cell of the grid, from now on remembered."""
        if len(self._cells) >= MAX_CELLS:
            self._cells.clear()
        west, south = key[0] * CELL_M, key[1] * CELL_M
        middle = west + CELL_M / 2, south + CELL_M / 2
        choices, whole = self._official(west, south, middle) if self._boundaries else ([], False)
        if not whole:
            choices.append(Choice("", None, None, self._candidates(self._around(west, south), middle, True)))
        self._cells[key] = tuple(choices)
        return self._cells[key]

    def _official(self, west: float, south: float, middle: tuple[float, float]) -> tuple[list[Choice], bool]:
        """The choices by official boundaries for the cell with this corner, and whether one of them holds all of it."""
        box = shapely.box(
            west / self._scale_x, south / METRES_LAT, (west + CELL_M) / self._scale_x, (south + CELL_M) / METRES_LAT
        )
        surroundings = box.buffer(EDGE_M / METRES_LAT, cap_style="square")
        choices = []
        whole = False
        for at in sorted(self._tree.query(box, predicate="intersects").tolist()):
            code, shape = self._boundaries[at]
            whole = shapely.covers(shape, box)
            line = shapely.intersection(shape.boundary, surroundings)
            inside = self._candidates(self._members(code), middle, len(code) < 8)
            choices.append(Choice(code, None if whole else shape, None if line.is_empty else line, inside))
            if whole:
                break
        return choices, whole

    def _members(self, code: str) -> np.ndarray:
        """The centroids of the villages in a region."""
        return np.arange(bisect_left(self._villages, code), bisect_left(self._villages, code + "/"))

    def _around(self, west: float, south: float) -> np.ndarray:
        """The centroids that are not far from any point of the block in which the cell with this corner lies."""
        key = floor(west / BLOCK_M), floor(south / BLOCK_M)
        rows = self._blocks.get(key)
        if rows is None:
            x, y = (key[0] + 0.5) * BLOCK_M, (key[1] + 0.5) * BLOCK_M
            reach = BLOCK_M / 2 + FAR_M + CELL_M
            rows = np.flatnonzero((abs(self._x - x) < reach) & (abs(self._y - y) < reach))
            self._blocks[key] = rows
        return rows

    def _candidates(self, rows: np.ndarray, middle: tuple[float, float], limited: bool) -> Centroids:
        """Those of `rows` that can be the nearest, or the nearest of another kecamatan, for a point of a cell.

        A point is at most half a diagonal from `middle`, so a centroid further from there than the second kecamatan's
        by a whole diagonal can be neither. `limited` leaves out what is far anyway.
        """
        if not len(rows):
            return ()
        diagonal = CELL_M * sqrt(2)
        away = np.hypot(self._x[rows] - middle[0], self._y[rows] - middle[1])
        order = np.argsort(away, kind="stable")
        away, rows = away[order], rows[order]
        if limited:
            rows = rows[: np.searchsorted(away, FAR_M + diagonal)]
            if not len(rows):
                return ()
        ordered = rows.tolist()
        first = self._villages[ordered[0]][:8]
        second = next((at for at, row in enumerate(ordered) if self._villages[row][:8] != first), len(ordered) - 1)
        near = ordered[: np.searchsorted(away, away[second] + diagonal, side="right")]
        if any(not self._villages[row].startswith(self._area) for row in near):
            reach = max(away[second] + diagonal, (away[0] + diagonal / 2) * HOME_SHARE + HOME_M + diagonal / 2)
            near = ordered[: np.searchsorted(away, reach, side="right")]
        return tuple(map(self._centroid, near))

    def _centroid(self, row: int) -> Centroid:
        """One object for all cells that it may be the nearest in."""
        found = self._centroids.get(row)
        if found is None:
            village = self._villages[row]
            found = self._centroids[row] = float(self._x[row]), float(self._y[row]), village, village[:8]
        return found
