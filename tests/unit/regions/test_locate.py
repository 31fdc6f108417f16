"""A point is in the village whose centroid is nearest, or where official boundaries say; doubt is said."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from posko.regions import Regions
from posko.regions.locate import FAR_M, METRES_LAT, Area, Located, Locator

# A small country: two kecamatan of one kabupaten beside each other, and a neighbour to the east. 0.1 degree is 11 km.
VILLAGES = {
    "16.01.01.2001": (-3.0, 104.0),
    "16.01.01.2002": (-3.1, 104.0),
    "16.01.02.2001": (-3.0, 104.2),
    "17.01.01.2001": (-3.0, 104.6),
}


def locator(*boundaries: Area, area: str = "16") -> Locator:
    lat, lng = (np.array([place[axis] for place in VILLAGES.values()]) for axis in (0, 1))
    return Locator(lat, lng, list(VILLAGES), area, list(boundaries))


def at(found: Located | None) -> str:
    return found.village if found else ""


def test_the_nearest_centroid_gives_all_levels() -> None:
    found = locator().locate(-3.001, 104.001)
    assert found is not None
    assert (found.province, found.regency, found.district, found.village) == (
        "16",
        "16.01",
        "16.01.01",
        "16.01.01.2001",
    )
    assert found.distance_m == pytest.approx(157, abs=5)
    assert not found.uncertain


def test_near_the_border_of_two_kecamatan_the_place_is_uncertain() -> None:
    assert locator().locate(-3.0, 104.099).uncertain  # type: ignore[union-attr]


def test_between_two_villages_of_one_kecamatan_the_kecamatan_is_certain() -> None:
    found = locator().locate(-3.05, 103.97)
    assert found is not None
    assert found.district == "16.01.01"
    assert not found.uncertain


def test_a_point_next_door_is_known_as_such_and_the_edge_belongs_to_the_area() -> None:
    assert at(locator().locate(-3.0, 104.59)) == "17.01.01.2001"
    edge = locator().locate(-3.0, 104.42)
    assert edge is not None
    assert edge.village == "16.01.02.2001"
    assert edge.uncertain


@pytest.mark.parametrize(
    "point", [(0.0, 110.0), (-3.0, 150.0), (float("nan"), 104.0), (91.0, 104.0), (-3.0, float("inf"))]
)
def test_a_point_far_from_everything_is_nowhere(point: tuple[float, float]) -> None:
    assert locator().locate(*point) is None


def test_an_official_boundary_decides_against_the_nearer_centroid() -> None:
    wide = Area("16.01.02", shapely.box(104.04, -3.2, 104.3, -2.9))
    narrow = Area("16.01.01", shapely.box(103.9, -3.2, 104.04, -2.9))
    found = locator(wide, narrow).locate(-3.0, 104.08)
    assert found is not None
    assert found.village == "16.01.02.2001"
    assert not found.uncertain


def test_at_the_line_of_an_official_boundary_the_place_is_uncertain() -> None:
    wide = Area("16.01.02", shapely.box(104.04, -3.2, 104.3, -2.9))
    assert locator(wide).locate(-3.0, 104.0405).uncertain  # type: ignore[union-attr]


def test_boundaries_of_the_kabupaten_leave_the_kecamatan_to_the_centroids() -> None:
    found = locator(Area("16.01", shapely.box(103.0, -4.0, 104.55, -2.0))).locate(-3.0, 104.5)
    assert found is not None
    assert found.village == "16.01.02.2001"  # the neighbour's centroid is nearer


def test_a_region_without_known_villages_is_located_by_its_boundary_alone() -> None:
    found = locator(Area("16.01.09", shapely.box(103.5, -3.2, 103.8, -2.9))).locate(-3.0, 103.7)
    assert found is not None
    assert (found.district, found.village) == ("16.01.09", "")


def test_the_grid_finds_what_comparing_with_every_centroid_finds(sumsel: Regions) -> None:
    places = [(region.lat, region.lng) for region in sumsel.all.values() if region.level == "village"]
    x, y = np.array(places).T[::-1]
    squeeze = np.cos(np.radians(np.mean(y)))
    inner = np.random.default_rng(7).uniform((-3.6, 103.6), (-3.2, 104.2), (200, 2))  # well inside the province
    for lat, lng in inner.tolist():
        found = sumsel.locate(lat, lng)
        nearest = float(np.hypot((x - lng) * squeeze, y - lat).min()) * METRES_LAT
        assert found is not None
        assert found.distance_m == pytest.approx(nearest, rel=0.02)


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_any_point_gives_a_whole_chain_or_nothing(lat: float, lng: float) -> None:
    found = _SIJUNJUNG.locate(lat, lng)
    if found is not None:
        assert _SIJUNJUNG.chain(found.village) == (found.province, found.regency, found.district, found.village)
        assert found.distance_m <= FAR_M


_SIJUNJUNG = Regions.load("13.03")


def test_kelurahan_are_where_they_are_known_to_be(sumsel: Regions) -> None:
    villages = [region for region in sumsel.all.values() if region.level == "village" and region.lat and region.lng]
    sample = villages[::50]
    right = sum(
        found is not None and found.district == region.parent
        for region in sample
        if (found := sumsel.locate(region.lat or 0, region.lng or 0))
    )
    assert right >= 0.95 * len(sample)
