"""How often the built-in kecamatan of a point agrees with official boundaries."""

from __future__ import annotations

from collections.abc import Iterator
from math import cos, radians, sqrt
from pathlib import Path
from typing import NamedTuple

import numpy as np
import shapely

from posko.regions import check, codes
from posko.regions.imported import RegionsError
from posko.regions.locate import METRES_LAT, METRES_LNG
from posko.regions.nation import nation
from posko.regions.table import Regions


class Agreement(NamedTuple):
    """Points tried, those placed in the right region, and the same for the points that `locate` called certain."""

    points: int
    right: int
    certain: int
    certain_right: int

    @property
    def share(self) -> float:
        return self.right / self.points if self.points else 0.0

    @property
    def certain_share(self) -> float:
        return self.certain_right / self.certain if self.certain else 0.0


def measure(
    regions: Regions, boundaries: dict[str, shapely.Geometry], points: Iterator[tuple[float, float]]
) -> Agreement:
    """Compare `regions.locate` with `boundaries` (by code, all of one level) at `points` (lat, lng).

    Points outside every boundary do not count.
    """
    names = sorted(boundaries)
    length = len(names[0])
    places = list(points)
    tree = shapely.STRtree([boundaries[code] for code in names])
    pairs = tree.query(shapely.points([(lng, lat) for lat, lng in places]), predicate="within").T.tolist()
    tried = right = certain = certain_right = 0
    for at, official in pairs:
        found = regions.locate(*places[at])
        agrees = found is not None and found.village[:length] == names[official]
        tried += 1
        right += agrees
        if found is not None and not found.uncertain:
            certain += 1
            certain_right += agrees
    return Agreement(tried, right, certain, certain_right)


def report(path: Path, points: int) -> str:
    """A page of figures for a GeoJSON file of official boundaries. Raises RegionsError for a bad file."""
    notices: list[str] = []
    official = check.boundaries(path, check.features(path), nation(), notices)
    levels = {codes.level_of(code) for code in official}
    if len(levels) > 1:
        raise RegionsError(f"{path} mixes {' and '.join(sorted(levels))}; give a file a level")
    regions = Regions.load(codes.common(list(official)))
    lines = [f"{path.name}: {len(official)} boundaries of level {levels.pop()}", *notices]
    for label, tried in (
        ("built-in centres of kelurahan", centres(regions)),
        ("points evenly over the area", evenly(official, points)),
    ):
        found = measure(regions, official, tried)
        sure = found.certain / found.points if found.points else 0.0
        certain = f"{sure:.0%} are called certain, of those {found.certain_share:.1%} agree"
        lines.append(f"  {label}: {found.share:.1%} of {found.points} agree; {certain}")
    return "\n".join(lines)


def centres(regions: Regions) -> Iterator[tuple[float, float]]:
    """The built-in centroids of the area's kelurahan."""
    for region in regions.all.values():
        if region.level == "village" and region.lat is not None and region.lng is not None:
            yield region.lat, region.lng


def evenly(boundaries: dict[str, shapely.Geometry], points: int) -> Iterator[tuple[float, float]]:
    """A square grid over all of `boundaries`, so fine that about `points` of it lie inside."""
    shapes = list(boundaries.values())
    west, south, east, north = shapely.total_bounds(shapes)
    narrow = cos(radians((south + north) / 2)) * METRES_LNG / METRES_LAT
    step = sqrt(float(shapely.area(shapes).sum()) * narrow / points)
    for lat in np.arange(south + step / 2, north, step).tolist():
        for lng in np.arange(west + step / narrow / 2, east, step / narrow).tolist():
            yield lat, lng
