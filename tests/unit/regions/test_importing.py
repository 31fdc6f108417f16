"""Official files are checked, every mistake is named with its place, and what was imported is what is used."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from posko.regions import Regions, RegionsError
from posko.regions.importing import Report, import_all

SQUARE = [[104.7, -3.1], [104.8, -3.1], [104.8, -2.9], [104.7, -2.9], [104.7, -3.1]]


def feature(code: str | None, ring: Any = SQUARE, kind: str = "Polygon") -> dict[str, Any]:
    properties = {} if code is None else {"code": code}
    return {"type": "Feature", "properties": properties, "geometry": {"type": kind, "coordinates": [ring]}}


def geojson(folder: Path, *features: dict[str, Any], name: str = "b.geojson") -> Path:
    path = folder / name
    path.write_text(json.dumps({"type": "FeatureCollection", "features": list(features)}))
    return path


def listing(folder: Path, text: str, name: str = "tps.csv") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def run(folder: Path, *paths: Path, columns: list[str] | None = None, estimate: bool = False, area: str = "") -> Report:
    return import_all(list(paths), folder / "out", columns or [], estimate, area)


def test_an_imported_boundary_and_list_are_used(tmp_path: Path) -> None:
    boundary = geojson(tmp_path, feature("16.71.01"))
    run(tmp_path, boundary, listing(tmp_path, "code,tps\n16.71.01.1001,21\n1671011002,9\n"))
    regions = Regions.load("16.71", imported=tmp_path / "out", tps_total=2_000)
    first, second, other = (regions.all[f"16.71.{code}"] for code in ("01.1001", "01.1002", "01.1003"))
    assert (first.tps, first.tps_exact) == (21, True)
    assert (second.tps, second.tps_exact) == (9, True)
    assert not other.tps_exact
    assert sum(region.tps or 0 for region in regions.all.values() if region.level == "village") == 2_000
    found = regions.locate(-2.95, 104.79)
    assert found is not None
    assert found.district == "16.71.01"


def test_counts_of_a_kecamatan_are_shared_out_inside_it_and_are_exact_only_there(tmp_path: Path) -> None:
    run(tmp_path, listing(tmp_path, "code,tps_2024\n16.71.01,89\n"))
    regions = Regions.load("16.71", imported=tmp_path / "out", tps_total=2_272)
    villages = [regions.all[code] for code in regions.children("16.71.01")]
    assert sum(village.tps or 0 for village in villages) == 89
    assert not any(village.tps_exact for village in villages)
    assert (regions.all["16.71.01"].tps, regions.all["16.71.01"].tps_exact) == (89, True)
    assert (regions.all["16.71"].tps, regions.all["16.71"].tps_exact) == (2_272, False)


def test_estimates_are_not_called_exact(tmp_path: Path) -> None:
    run(tmp_path, listing(tmp_path, "code,tps_estimate\n16.71.01.1001,21\n"))
    assert not Regions.load("16.71", imported=tmp_path / "out").all["16.71.01.1001"].tps_exact
    run(tmp_path, listing(tmp_path, "code,tps\n16.71.01.1001,21\n"), estimate=True)
    assert not Regions.load("16.71", imported=tmp_path / "out").all["16.71.01.1001"].tps_exact


def test_official_centroids_replace_the_built_in_ones(tmp_path: Path) -> None:
    run(tmp_path, listing(tmp_path, "code,lat,lng\n16.71.01.1001,-3.01,104.74\n"))
    region = Regions.load("16.71", imported=tmp_path / "out").all["16.71.01.1001"]
    assert (region.lat, region.lng) == (-3.01, 104.74)


def test_packed_lists_and_only_one_area(tmp_path: Path) -> None:
    path = tmp_path / "tps.csv.gz"
    path.write_bytes(gzip.compress(b"code,tps\n16.71.01.1001,21\n17.71,5\n"))
    report = run(tmp_path, path, area="16")
    assert report.lines[-1] == "TPS counts of 1 regions"


BOWTIE = [[104.7, -3.1], [104.8, -2.9], [104.8, -3.1], [104.7, -2.9], [104.7, -3.1]]
SWAPPED = [[lat, lng] for lng, lat in SQUARE]
METRES = [[lng * 1000, lat * 1000] for lng, lat in SQUARE]


@pytest.mark.parametrize(
    ("features", "message"),
    [
        ([feature("99.01")], r"feature 0 \(99.01\): '99.01' is the code of no region"),
        ([feature("Palembang")], "is the code of no region"),
        ([feature(None)], r"feature 0: has no properties\.code"),
        ([feature("16.71"), feature("1671")], r"feature 1 \(1671\): 16\.71 is there twice"),
        ([feature("16.71", BOWTIE)], "is not valid: Self-intersection"),
        ([feature("16.71", SWAPPED)], "longitude and latitude are swapped"),
        ([feature("16.71", METRES)], "must be WGS84 degrees"),
        ([feature("16.71", [104.7, -3.1], "Point")], "is a Point; a boundary is a Polygon"),
        ([feature("16.71", SQUARE, "LineString")], "geometry cannot be read"),
        ([{"type": "Feature", "properties": {"code": "16.71"}, "geometry": None}], "the geometry cannot be read"),
        (["x"], "has no properties"),
        ([], "holds no features"),
    ],
)
def test_a_bad_boundary_is_named(tmp_path: Path, features: list[Any], message: str) -> None:
    with pytest.raises(RegionsError, match=message):
        run(tmp_path, geojson(tmp_path, *features))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("code,tps\n99.01,4\n", r"line 2 \(99.01\): '99.01' is the code of no region"),
        ("code,tps\n16.71,4\n1671,4\n", r"line 3 \(1671\): 16\.71 is there twice"),
        ("code,tps\n16.71,-4\n", "tps is '-4'; it must be a whole number"),
        ("code,tps\n16.71,4.5\n", "must be a whole number"),
        ("code,lat,lng\n16.71,104.7,-3.0\n", "longitude and latitude are swapped"),
        ("code,lat,lng\n16.71,-3.0,\n", "must both be degrees"),
        ('code,lat,lng\n16.71,"-3,0","104,7"\n', "decimal point"),
        ("kode,tps\n16.71,4\n", "one of them code"),
        ("code,name\n16.71,Palembang\n", "neither TPS counts nor lat and lng"),
        ("code,tps_a,tps_b\n16.71,4,5\n", "several TPS columns"),
        (
            "code,tps\n16.71.01,4\n16.71.01.1001,3\n16.71.01.1002,2\n",
            r"16\.71\.01 is listed with 4 TPS, but its parts have 5",
        ),
        ("", "the first line must name the columns"),
    ],
)
def test_a_bad_list_is_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(RegionsError, match=message):
        run(tmp_path, listing(tmp_path, text))
    assert not (tmp_path / "out").exists()


def test_all_mistakes_come_at_once_but_not_without_end(tmp_path: Path) -> None:
    rows = "".join(f"99.{number:02d},1\n" for number in range(50))
    with pytest.raises(RegionsError) as caught:
        run(tmp_path, listing(tmp_path, f"code,tps\n{rows}"))
    lines = str(caught.value).splitlines()
    assert len(lines) == 21
    assert lines[-1] == "... and 30 more mistakes"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("b.geojson", b"{", "is not JSON"),
        ("b.geojson", b"[]", "no GeoJSON FeatureCollection"),
        ("b.geojson", b"\xff\xfe", "not UTF-8"),
        ("b.csv.gz", b"\x1f\x8bbroken", "cannot be read"),
        ("b.shp", b"", "neither .geojson nor .csv"),
    ],
)
def test_a_file_of_another_kind_is_refused(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(RegionsError, match=message):
        run(tmp_path, path)


def test_a_small_fault_of_a_line_is_mended_and_told(tmp_path: Path) -> None:
    spike = [*SQUARE[:2], [104.8, -3.0], [104.9, -3.0], [104.8, -3.0], *SQUARE[2:]]
    report = run(tmp_path, geojson(tmp_path, feature("16.71", spike)))
    assert "mended" in report.notices[0]


def test_a_boundary_far_from_its_villages_is_told(tmp_path: Path) -> None:
    report = run(tmp_path, geojson(tmp_path, feature("17.71")))
    assert "17.71 lies" in report.notices[0]


def test_the_same_region_in_two_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RegionsError, match=r"16\.71 is in another file too"):
        run(tmp_path, geojson(tmp_path, feature("16.71")), geojson(tmp_path, feature("16.71"), name="c.geojson"))
    with pytest.raises(RegionsError, match="in another file; keep one"):
        run(tmp_path, listing(tmp_path, "code,tps\n16.71,4\n"), listing(tmp_path, "code,tps\n16.71,5\n", "u.csv"))


def test_a_folder_with_other_files_is_not_written_to(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("x")
    with pytest.raises(RegionsError, match="holds other files"):
        run(tmp_path, geojson(tmp_path, feature("16.71")))


def test_importing_again_replaces_what_was_there(tmp_path: Path) -> None:
    run(tmp_path, geojson(tmp_path, feature("16.71.01")), listing(tmp_path, "code,tps\n16.71,4\n"))
    run(tmp_path, geojson(tmp_path, feature("16.71")))
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["boundaries_regency.geojson", "regions.json"]


@pytest.mark.parametrize("damage", ["gone", "json", "version", "places"])
def test_a_damaged_folder_is_refused_with_what_to_do(tmp_path: Path, damage: str) -> None:
    run(tmp_path, geojson(tmp_path, feature("16.71.01")), listing(tmp_path, "code,tps\n16.71,4\n"))
    manifest, places = tmp_path / "out" / "regions.json", tmp_path / "out" / "places.csv"
    match damage:
        case "gone":
            manifest.unlink()
        case "json":
            manifest.write_text("{")
        case "version":
            manifest.write_text('{"version": 99}')
        case "places":
            places.write_text("a,b\n1,2\n")
    with pytest.raises(RegionsError, match="posko regions import"):
        Regions.load("16.71", imported=tmp_path / "out")
