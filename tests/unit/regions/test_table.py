"""Every region of Indonesia is known by its code; the configured area in detail."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posko.regions import Regions, RegionsError
from posko.regions.nation import nation


def levels(regions: Regions, level: str) -> list[str]:
    return [region.code for region in regions.all.values() if region.level == level]


def test_sumatera_selatan_has_its_17_kabupaten_and_241_kecamatan(sumsel: Regions) -> None:
    assert len(levels(sumsel, "regency")) == len(sumsel.children("16")) == 17
    assert len(levels(sumsel, "district")) == 241
    assert len(levels(sumsel, "village")) == 3259


@pytest.mark.parametrize(("area", "total", "regencies", "districts"), [("17", 3452, 10, 129), ("13.03", 445, 1, 8)])
def test_other_areas_are_a_matter_of_configuration(area: str, total: int, regencies: int, districts: int) -> None:
    regions = Regions.load(area, tps_total=total)
    assert len(levels(regions, "regency")) == regencies
    assert len(levels(regions, "district")) == districts
    assert sum(regions.all[code].tps or 0 for code in levels(regions, "village")) == total
    assert regions.all[area].tps == total


def test_all_indonesia_has_38_provinces_and_83762_villages() -> None:
    assert len(nation().children("")) == 38
    assert sum(1 for _ in nation().villages("")) == 83_762


def test_the_tps_of_each_level_add_up_to_the_total(sumsel: Regions) -> None:
    for level in ("province", "regency", "district", "village"):
        assert sum(sumsel.all[code].tps or 0 for code in levels(sumsel, level)) == 13_206
    assert min(sumsel.all[code].tps or 0 for code in levels(sumsel, "village")) >= 1
    assert not any(region.tps_exact for region in sumsel.all.values())


def test_without_total_and_list_the_tps_are_unknown() -> None:
    assert Regions.load("13.03").all["13.03"].tps is None


def test_a_kelurahan_is_known_with_names_and_place(sumsel: Regions) -> None:
    region = sumsel.get("16.71.01.1001")
    assert region is not None
    assert (region.level, region.name, region.parent) == ("village", "Tiga-puluh-lima Ilir", "16.71.01")
    assert region.lat == pytest.approx(-3.0, abs=0.1)
    assert region.lng == pytest.approx(104.75, abs=0.1)
    assert sumsel.chain("16.71.01.1001") == ("16", "16.71", "16.71.01", "16.71.01.1001")
    assert sumsel.chain("16.71") == ("16", "16.71", "", "")


def test_kpu_digits_lead_to_the_same_region(sumsel: Regions) -> None:
    code = sumsel.normalise_code("1671011001")
    assert code is not None
    assert sumsel.get(code) == sumsel.get("16.71.01.1001")


@pytest.mark.parametrize("code", ["99", "16.99", "16.71.99", "16.71.01.9999", "", "x", "1671", "16.71.01.1001/007"])
def test_a_code_that_does_not_exist_is_no_region(sumsel: Regions, code: str) -> None:
    assert sumsel.get(code) is None
    assert sumsel.name_of(code) == ""


@given(st.text(max_size=20))
def test_no_text_given_as_a_code_breaks_the_look_up(text: str) -> None:
    regions = Regions.load("13.03")
    region = regions.get(text)
    assert region is None or region.code == text


def test_a_region_elsewhere_is_known_by_name_and_outside(sumsel: Regions) -> None:
    region = sumsel.get("13.03")
    assert region is not None
    assert (region.name, region.tps) == ("Kabupaten Sijunjung", None)
    assert region.lat == pytest.approx(-0.7, abs=0.3)
    assert not sumsel.inside("13.03")
    assert sumsel.inside("16.71.01.1001")
    assert sumsel.children("13.03")[0] == "13.03.03"


def test_what_holds_the_area_is_not_outside() -> None:
    sijunjung = Regions.load("13.03")
    assert sijunjung.inside("13")
    assert not sijunjung.inside("13.04")


@pytest.mark.parametrize(
    ("code", "tps", "name"),
    [
        ("16.71.01.1001", "16.71.01.1001/007", "TPS 7, 35 Ilir, Kec. Ilir Barat II, Kota Palembang"),
        ("16.71.01.1001", "7", "TPS 7, 35 Ilir, Kec. Ilir Barat II, Kota Palembang"),
        ("16.71.01", "", "Kec. Ilir Barat II, Kota Palembang"),
        ("16.01", "", "Kab. Ogan Komering Ulu"),
        ("16", "", "Provinsi Sumatera Selatan"),
        ("13.03", "", "Kab. Sijunjung"),
    ],
)
def test_names_for_people(sumsel: Regions, code: str, tps: str, name: str) -> None:
    assert sumsel.name_of(code, tps) == name


def test_children_and_parents_agree(sumsel: Regions) -> None:
    for code in levels(sumsel, "district"):
        assert all(sumsel.all[child].parent == code for child in sumsel.children(code))
    assert sum(len(sumsel.children(code)) for code in levels(sumsel, "district")) == 3259
    assert sumsel.children("16.71.01.1001") == []


def test_every_village_has_a_middle_even_those_the_source_does_not_know(sumsel: Regions) -> None:
    assert all(region.lat is not None and region.lng is not None for region in sumsel.all.values())


@pytest.mark.parametrize("area", ["99", "x", "16.99"])
def test_an_area_that_does_not_exist_is_refused(area: str) -> None:
    with pytest.raises(RegionsError, match="Kemendagri code"):
        Regions.load(area)


@settings(max_examples=30)
@given(st.integers(0, 83_761))
def test_names_are_found_again_by_their_code(row: int) -> None:
    code, name, *_ = _ALL[row]
    assert nation().name(code) == name


_ALL = list(nation().villages(""))
