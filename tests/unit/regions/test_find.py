"""Places are found in texts as people in the field write them; a name that repeats is never guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posko.regions import Regions
from posko.regions.spelling import display


def best(regions: Regions, text: str, within: str = "") -> str:
    found = regions.find(text, within)
    return found[0].code if found else ""


@pytest.mark.parametrize(
    "text",
    [
        "di 35 ilir ribut",
        "Kel. Tiga-puluh-lima Ilir",
        "kelurahan tiga puluh lima ilir",
        "TPS 007 Kel. 35 Ilir",
        "35 Ilir, Palembang",
        "35 ILIR PLG",
        "tps 7 35 ilir",
    ],
)
def test_35_ilir_is_tiga_puluh_lima_ilir(sumsel: Regions, text: str) -> None:
    assert best(sumsel, text) == "16.71.01.1001"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("kecamatan ilir barat II ribut", "16.71.01"),
        ("kec ilir barat 2", "16.71.01"),
        ("ilir barat dua", "16.71.01"),
        ("ppk IT II belum terima", "16.71.06"),
        ("di SU 1", "16.71.02"),
        ("Kec. IB", ""),
        ("Sungai Lilin, Muba", "16.06.07"),
        ("kec sei lilin", "16.06.07"),
        ("kab. muba", "16.06"),
        ("lubuklinggau timur 1", "16.73.01"),
        ("Lubuk Linggau Timur I", "16.73.01"),
        ("9/10 ulu", "16.71.17.1002"),
        ("20 ilir d1", "16.71.05.1009"),
        ("gn kembang baru", "16.05.14.2002"),
        ("Gunung Kembang Baru", "16.05.14.2002"),
        ("Jentian", "16.04.12.2026"),
        ("Jenti'an", "16.04.12.2026"),
        ("Kab. PALI", "16.12"),
        ("Ogan Komering Ulu Timur", "16.08"),
        ("sumatra selatan", "16"),
        ("kec alang2 lebar", "16.71.15"),
        ("ppk IT2 belum terima", "16.71.06"),
        ("kec lb linggau barat2", "16.73.06"),
        ("20 ilir d2", "16.71.09.1001"),
        ("tps 3 sekarjaya", "16.01.14.1014"),
        ("tps tigo sekarjayo baturaja", "16.01.14.1014"),
        ("TPS 7 Tangga Takat", "16.71.03.1006"),
        ("di baturaja rame", "16.01"),
        ("jembatan gantung ke kemu ulu putus", "16.09.02.2021"),
        ("TPS 1 Jembatan Gantung", "16.06.15.2004"),
        ("belanja di pasar lama", ""),
        ("orang di pasar lama lahat", "16.04.10.1041"),
    ],
)
def test_spellings_of_the_field(sumsel: Regions, text: str, code: str) -> None:
    assert best(sumsel, text) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [("palmbang banjir", "16.71"), ("kec indralya utara", "16.10.07"), ("prabumulh", "16.74")],
)
def test_one_slip_of_the_finger_is_forgiven(sumsel: Regions, text: str, code: str) -> None:
    found = sumsel.find(text)
    assert found[0].code == code
    assert found[0].score < 0.9


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sudah sampai desa sedang banjir di dalam kota",
        "surat suara kurang, petugas masih menunggu kiriman baru",
        "pasar ramai, air naik ke jalan raya",
        "harapan kami aman dan tenang",
        "4 5 6 12",
    ],
)
def test_everyday_words_are_no_places(sumsel: Regions, text: str) -> None:
    assert sumsel.find(text) == []


def test_everyday_words_are_places_behind_a_prefix_or_beside_their_kabupaten(sumsel: Regions) -> None:
    assert best(sumsel, "warga desa harapan kec pemulutan") == "16.10.05.2037"
    assert best(sumsel, "di rambutan, banyuasin") == "16.07.06"


def test_tanjung_baru_exists_16_times_and_is_not_guessed(sumsel: Regions) -> None:
    assert sum(region.name == "Tanjung Baru" for region in sumsel.all.values()) == 16
    [found] = sumsel.find("lgstk blm tiba tps 4 ds tj baru, prahu kandas")
    assert (found.code, found.level) == ("16", "province")
    assert found.score < 0.5
    assert found.span == (24, 31)


def test_another_mention_says_which_tanjung_baru(sumsel: Regions) -> None:
    assert best(sumsel, "ds tj baru kec indralaya utara") == "16.10.07.2009"
    assert best(sumsel, "ds tj baru, kab ogan ilir") == "16.10.07.2009"


def test_a_wrong_kecamatan_still_says_the_kabupaten(sumsel: Regions) -> None:
    found = sumsel.find("desa tanjung baru kec tanjung batu")[0]
    assert found.code == "16.10.07.2009"
    assert found.score < 0.8


def test_home_says_which_tanjung_baru_when_the_text_does_not(sumsel: Regions) -> None:
    assert best(sumsel, "ds tj baru", within="16.10") == "16.10.07.2009"
    assert best(sumsel, "ds tj baru", within="16.10.02.2001") == "16.10.07.2009"
    assert best(sumsel, "ds tj baru, kab ogan ilir", within="16.01") == "16.10.07.2009"


def test_two_kabupaten_in_one_text_are_two_places(sumsel: Regions) -> None:
    assert {found.code for found in sumsel.find("dari lahat ke pagaralam")} == {"16.04", "16.72"}


def test_a_name_inside_its_own_kecamatan_means_the_kecamatan(sumsel: Regions) -> None:
    assert best(sumsel, "gelumbang, muara enim") == "16.03.06"
    assert sumsel.get(best(sumsel, "kel gelumbang, muara enim")).level == "village"  # type: ignore[union-attr]


def test_a_kecamatan_with_a_namesake_elsewhere_is_not_guessed_either(sumsel: Regions) -> None:
    assert best(sumsel, "gelumbang") == "16"
    assert best(sumsel, "gelumbang", within="16.03") == "16.03.06"


def test_the_most_precise_certain_place_comes_first(sumsel: Regions) -> None:
    found = sumsel.find("palembang, kec ilir barat ii, 35 ilir")
    assert [one.level for one in found] == ["village", "district", "regency"]


def test_kelurahan_or_desa_decides_last_between_places_of_one_name(sumsel: Regions) -> None:
    assert best(sumsel, "Kelurahan Bandar Jaya", "16.04") == "16.04.10.1059"
    assert best(sumsel, "ds bandar jaya", "16.04") == "16.04.19.2012"
    assert best(sumsel, "bandar jaya", "16.04") == "16.04"
    assert best(sumsel, "Desa Bandar Jaya, Kec. Lahat", "16.04") == "16.04.10.1059"


def test_the_span_is_where_the_name_stands(sumsel: Regions) -> None:
    text = "kotak suara di Kec. Ilir Barat II rusak"
    [found] = sumsel.find(text)
    assert text[slice(*found.span)] == "Ilir Barat II"


def test_every_kelurahan_is_found_by_its_own_name_and_kecamatan(sumsel: Regions) -> None:
    wrong = []
    for region in sumsel.all.values():
        if region.level == "village":
            district, regency = sumsel.all[region.parent], sumsel.all[region.code[:5]]
            text = f"Desa {display(region.name)}, Kec. {display(district.name)}, {regency.name}"
            names = [sumsel.all[code].name for code in sumsel.children(district.code)]
            if names.count(region.name) == 1 and best(sumsel, text) != region.code:
                wrong.append((text, best(sumsel, text)))
    assert wrong == []


@given(st.text(max_size=300), st.sampled_from(["", "16", "16.10", "16.10.02", "16.71.01.1001", "13.03"]))
def test_any_text_gives_existing_places_at_spans_in_the_text(text: str, within: str) -> None:
    for found in _SUMSEL.find(text, within):
        assert _SUMSEL.get(found.code) is not None
        assert 0 <= found.span[0] < found.span[1] <= len(text)
        assert 0 < found.score <= 1


_SUMSEL = Regions.load("16")


@pytest.mark.parametrize(
    ("official", "shown"),
    [
        ("Tiga-puluh-lima Ilir", "35 Ilir"),
        ("Dua-puluh Ilir Satu", "20 Ilir I"),
        ("Ilir Barat Dua", "Ilir Barat II"),
        ("Tiga Empat Ulu", "3-4 Ulu"),
        ("Sembilan Sepuluh Ulu", "9-10 Ulu"),
        ("Tiga Dihaji", "Tiga Dihaji"),
        ("Gunung Tujuh", "Gunung Tujuh"),
        ("Empat Lawang", "Empat Lawang"),
        ("Alang-alang Lebar", "Alang-alang Lebar"),
    ],
)
def test_names_are_shown_as_people_write_them(official: str, shown: str) -> None:
    assert display(official) == shown
