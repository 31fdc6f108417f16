"""How far the places of a region lie from its centroid, as far as centroids alone can tell."""

from __future__ import annotations

from functools import lru_cache
from math import cos, hypot, radians

from posko.regions import Region, Regions

METRES_LAT, METRES_LNG = 110_574.0, 111_320.0  # a degree; within Indonesia a flat map is right to 2 %
CENTROID_M = 800.0  # two sources of centroids differ by this much (median over all kelurahan)
ALONE_M = 5_000.0  # a region without neighbours or parts to compare it with
NEIGHBOURS = 3


def metres(lat: float, lng: float, other_lat: float, other_lng: float) -> float:
    """Distance of two points in degrees, in metres."""
    return hypot((lat - other_lat) * METRES_LAT, (lng - other_lng) * METRES_LNG * cos(radians(lat)))


class Extents:
    """The radius of each region, worked out when it is first asked for."""

    def __init__(self, regions: Regions) -> None:
        self._regions = regions
        self.radius = lru_cache(100_000)(self._radius)

    def _radius(self, code: str) -> float:
        """Metres from the centroid within which the region's places lie; a guess on the safe side.

        Of a kelurahan: three quarters of the mean distance to its nearest neighbours in the kecamatan. Of what has
        parts: the distance of the part that is furthest away. Both with the error of a centroid.
        """
        region = self._regions.get(code)
        if region is None or region.lat is None or region.lng is None:
            return ALONE_M
        village = region.level == "village"
        others = self._regions.children(region.parent if village else code)
        away = sorted(self._away(region, other) for other in others if other != code)
        if not away:
            return ALONE_M
        near = away[:NEIGHBOURS]
        return CENTROID_M + (0.75 * sum(near) / len(near) if village else away[-1])

    def _away(self, region: Region, other: str) -> float:
        there = self._regions.get(other)
        if there is None or there.lat is None or there.lng is None or region.lat is None or region.lng is None:
            return ALONE_M
        return metres(region.lat, region.lng, there.lat, there.lng)
