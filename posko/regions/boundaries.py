"""Boundaries approximated from centroids, for maps until official ones are imported.

Each village gets the Voronoi cell of its centroid; the cells of a kecamatan and a kabupaten are joined, and everything
is cut at a hull around the centroids of the area and its neighbours.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable

import shapely

from posko.regions import codes

HULL_RATIO = 0.3  # of shapely's concave hull: 0 follows every inlet, 1 is the convex hull
COAST = 0.02  # degrees (2 km) of land beyond the outermost centroids
GRID = 1e-4  # degrees; coordinates are rounded to 11 m

Progress = Callable[[Iterable[str], str], Iterable[str]]


def approximate(
    places: dict[str, tuple[float, float]], area: str, progress: Progress
) -> dict[str, dict[str, shapely.Geometry]]:
    """Boundaries by level and code of the regions in `area`, from centroids (lat, lng) of its villages and its
    neighbours'.

    Villages with one and the same centroid share its cell, which then belongs to the one with the lowest code.
    `progress` wraps the loop over regions.
    """
    owners: dict[tuple[float, float], str] = {}
    for code in sorted(places, key=lambda one: (not codes.covers(area, one), one)):
        owners.setdefault(places[code], code)
    points = shapely.MultiPoint([(lng, lat) for lat, lng in owners])
    hull = shapely.concave_hull(points, ratio=HULL_RATIO).buffer(COAST)
    cells = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=hull, ordered=True))
    groups: dict[str, list[shapely.Geometry]] = defaultdict(list)
    for cell, code in zip(cells, owners.values(), strict=True):
        if codes.covers(area, code):
            groups[code[:8]].append(cell)
    districts = {}
    for code in progress(sorted(groups), "boundaries"):
        shape = shapely.intersection(shapely.union_all(groups[code]), hull)
        districts[code] = shapely.set_precision(shape, GRID)
    found = {"district": districts}
    for level, length in (("regency", 5), ("province", 2)):
        members: dict[str, list[shapely.Geometry]] = defaultdict(list)
        for code, shape in districts.items():
            members[code[:length]].append(shape)
        if length >= len(area):
            found[level] = {code: shapely.union_all(shapes, grid_size=GRID) for code, shapes in members.items()}
    return found
