"""Boundaries for maps: every region once, without gaps between neighbours, and a way to measure them."""

from __future__ import annotations

import shapely

from posko.regions import Regions
from posko.regions.measure import evenly, measure


def test_every_region_has_a_valid_boundary_and_none_overlap() -> None:
    regions = Regions.load("13.03")
    shapes = regions.boundaries()
    assert set(shapes["district"]) == set(regions.children("13.03"))
    assert set(shapes["regency"]) == {"13.03"}
    assert "province" not in shapes
    assert all(
        shape.is_valid and shape.geom_type in ("Polygon", "MultiPolygon") for shape in shapes["district"].values()
    )
    whole = shapely.union_all(list(shapes["district"].values()))
    assert abs(whole.area - sum(shape.area for shape in shapes["district"].values())) < 0.001 * whole.area
    assert abs(whole.area - shapes["regency"]["13.03"].area) < 0.001 * whole.area


def test_the_boundaries_agree_with_locate() -> None:
    regions = Regions.load("13.03")
    districts = regions.boundaries()["district"]
    found = measure(regions, districts, evenly(districts, 500))
    assert 400 < found.points < 600
    assert found.share > 0.95  # at the outer edge, what is uncertain belongs to the area
    assert found.certain_share >= found.share


def test_a_place_in_no_known_region_counts_as_wrong() -> None:
    regions = Regions.load("13.03")
    elsewhere = {"16.71": shapely.box(104.7, -3.1, 104.8, -2.9)}
    found = measure(regions, elsewhere, iter([(-3.0, 104.75), (0.0, 0.0)]))
    assert (found.points, found.right, found.certain) == (1, 0, 0)
