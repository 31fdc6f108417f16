"""Intake: where a report is placed, what it is matched with, who acts how fast, what is marked and what is refused."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posko import context
from posko.intake import NOWHERE, Intake
from posko.report import Invalid
from posko.report_errors import REASONS

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
VILLAGE = "16.71.01.1001"  # 35 Ilir
REPORT: dict[str, Any] = {
    "report_id": "5f0c1f9e-8d3a-4b57-9a53-0c2f1f6f3f11",
    "category": "logistics",
    "text": "belum ada kabar",
    "reported_at": "2024-11-27T07:30:00+07:00",
    "reporter": {"id": "r-1", "role": "kpps", "institution": "kpu"},
}
NOW = round(datetime.fromisoformat(REPORT["reported_at"]).timestamp() * 1000)


@pytest.fixture(scope="module")
def known() -> context.Context:
    return context.load("sumsel-2024")


@pytest.fixture(scope="module")
def intake(known: context.Context) -> Intake:
    return Intake(*known)


@pytest.fixture(scope="module")
def middle(known: context.Context) -> tuple[float, float]:
    region = known.regions.get(VILLAGE)
    assert region
    assert region.lat is not None
    assert region.lng is not None
    return region.lat, region.lng


def encoded(**changes: Any) -> bytes:
    return json.dumps({**REPORT, **changes}).encode()


def enriched(intake: Intake, received_at: int = NOW, **changes: Any) -> dict[str, Any]:
    return intake.enrich(encoded(**changes), received_at, 2, 77)


def iso(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000).astimezone().isoformat()


def refused(intake: Intake, **changes: Any) -> Invalid:
    with pytest.raises(Invalid) as caught:
        enriched(intake, **changes)
    return caught.value


def test_the_message_has_exactly_the_documented_fields(intake: Intake) -> None:
    text = (Path(__file__).parents[2] / "docs" / "messages.md").read_text(encoding="utf-8")
    section = text.split("## `reports.enriched`")[1].split("\n## ")[0].split("| field |")[-1]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    documented = {name.split("`")[1] for row in rows for name in row.split(",")}
    assert set(enriched(intake)) == documented


def test_a_tps_gives_all_levels_and_a_name(intake: Intake, middle: tuple[float, float]) -> None:
    message = enriched(intake, tps=f"{VILLAGE}/7")
    assert [message[level] for level in ("province", "regency", "district", "village")] == [
        "16", "16.71", "16.71.01", VILLAGE,
    ]  # fmt: skip
    assert (message["tps"], message["place_by"]) == (f"{VILLAGE}/007", "tps")
    assert (message["lat"], message["lng"]) == middle
    assert message["place_m"] > 0
    assert message["place_name"].startswith("TPS 7, ")
    assert "Palembang" in message["place_name"]
    assert message["marks"] == []


@pytest.mark.parametrize(("area", "levels"), [("16", 1), ("16.71", 2), ("16.71.01", 3), (VILLAGE, 4)])
def test_an_area_of_any_level_places_a_report(intake: Intake, area: str, levels: int) -> None:
    message = enriched(intake, area=area)
    codes = [message[level] for level in ("province", "regency", "district", "village")]
    assert [bool(code) for code in codes] == [True] * levels + [False] * (4 - levels)
    assert message["place_by"] == "area"


def test_a_wider_area_is_a_wider_uncertainty(intake: Intake) -> None:
    radii = [enriched(intake, area=area)["place_m"] for area in (VILLAGE, "16.71.01", "16.71", "16")]
    assert radii == sorted(radii)
    assert radii[0] < radii[-1]


def test_a_point_gives_the_codes_and_stays_as_it_was_reported(intake: Intake, middle: tuple[float, float]) -> None:
    message = enriched(intake, lat=middle[0], lng=middle[1])
    assert (message["lat"], message["lng"]) == middle
    assert (message["place_by"], message["regency"], message["scope"]) == ("point", "16.71", "16.71")


def test_a_point_inside_an_area_says_more_precisely_where(intake: Intake, middle: tuple[float, float]) -> None:
    message = enriched(intake, area="16.71", lat=middle[0], lng=middle[1])
    assert message["place_by"] == "point"
    assert message["village"].startswith("16.71.")
    assert message["marks"] == []


def test_the_text_places_a_report_that_says_nothing_else(intake: Intake) -> None:
    message = enriched(intake, text="surat suara kurang di kelurahan 35 ilir, palembang")
    assert (message["place_by"], message["village"]) == ("text", VILLAGE)


@pytest.mark.parametrize(
    ("text", "village"),
    [
        ("kertas habis d TPS 002 dsa Keman kec Pampangan, tinta dlm kotak", "16.02.12.2003"),
        ("TPS 2 Desa Segamit kec. Semende Darat Ulu sudah lengkap, mohon arahan", "16.03.10.2004"),
    ],
    ids=["dlm is no village here", "lengkap and arahan are no villages here"],
)
def test_a_common_word_that_is_also_a_village_does_not_outweigh_a_named_one(
    intake: Intake, text: str, village: str
) -> None:
    assert enriched(intake, text=text)["village"] == village


def test_the_text_says_where_in_an_area_but_not_elsewhere(intake: Intake) -> None:
    inside = enriched(intake, area="16.71", text="surat suara kurang di 35 ilir")
    assert (inside["place_by"], inside["village"]) == ("text", VILLAGE)
    elsewhere = enriched(intake, area="16.01", text="surat suara dari 35 ilir palembang belum sampai")
    assert (elsewhere["place_by"], elsewhere["regency"], elsewhere["village"]) == ("area", "16.01", "")


@pytest.mark.parametrize(
    ("text", "tps"),
    [("tps 4 35 ilir kurang", "004"), ("TPS 4 tiga puluh lima ilir kurang", "004"), ("tps 35 ilir belum buka", "")],
)
def test_a_kelurahan_with_a_number_for_a_name_is_not_taken_for_its_tps(intake: Intake, text: str, tps: str) -> None:
    message = enriched(intake, area="16.71", text=text)
    assert (message["village"], message["tps"]) == (VILLAGE, f"{VILLAGE}/{tps}" if tps else "")


def test_a_point_in_the_kelurahan_that_is_named_is_that_kelurahan(intake: Intake, middle: tuple[float, float]) -> None:
    lat, lng = middle
    at = {"lat": lat, "lng": lng}
    named = enriched(intake, text="ribut di 35 ilir", **at)
    assert (named["village"], named["place_by"], named["place_m"]) == (VILLAGE, "text", 100)
    assert enriched(intake, text="ribut di sini", **at)["place_by"] == "point"


@pytest.mark.parametrize(
    ("text", "changes", "place"),
    [
        ("tulisannya ogan komering ULU TIMUR, salah kirim. kami di tps 3 sekar jaya baturaja", {}, "TPS 3, Sekar Jaya"),
        ("tps 13 sako ini kertas walikota kurang nian", {"area": "16.71.08"}, "TPS 13, Sako"),
    ],
    ids=["another kabupaten is only spoken of", "kecamatan and kelurahan share a name"],
)
def test_the_name_behind_a_tps_number_is_where_the_writer_is(
    intake: Intake, text: str, changes: dict[str, str], place: str
) -> None:
    assert enriched(intake, text=text, **changes)["place_name"].startswith(f"{place}, ")


def test_a_tps_is_believed_before_the_text(intake: Intake) -> None:
    message = enriched(intake, tps=f"{VILLAGE}/1", text="kiriman dari kota lubuk linggau")
    assert (message["place_by"], message["village"]) == ("tps", VILLAGE)


def test_a_report_without_a_place_belongs_to_the_province(intake: Intake) -> None:
    message = enriched(intake)
    assert [message[name] for name in ("province", "village", "place_by", "place_name")] == ["", "", "", ""]
    assert (message["lat"], message["lng"], message["place_m"]) == (None, None, None)
    assert message["scope"] == "16"


SCOPES = {
    "at a place": ({"tps": f"{VILLAGE}/1"}, "16.71"),
    "in a kabupaten": ({"area": "16.71"}, "16.71"),
    "province only": ({"area": "16"}, "16"),
    "hoax at a place": ({"category": "hoax", "area": VILLAGE}, "16"),
    "hoax without a place": ({"category": "hoax"}, "16"),
    "hoax told next door": ({"category": "hoax", "area": "15.71"}, "16"),
    "support on social media": ({"category": "asn_neutrality", "kind": "social_media", "area": VILLAGE}, "16.71"),
    "kind that does not": ({"category": "asn_neutrality", "kind": "campaigning", "area": VILLAGE}, "16.71"),
    "outside": ({"area": "15.71"}, "15.71"),
}


@pytest.mark.parametrize(("changes", "scope"), SCOPES.values(), ids=SCOPES.keys())
def test_the_scope_is_what_may_be_the_same_event(intake: Intake, changes: dict[str, Any], scope: str) -> None:
    assert enriched(intake, **changes)["scope"] == scope


def test_an_election_of_a_kabupaten_uses_its_province_for_what_travels() -> None:
    intake = Intake(*context.load("sijunjung-2024"))
    assert enriched(intake)["scope"] == "13"
    assert enriched(intake, area="13.03", category="hoax")["scope"] == "13"
    assert enriched(intake, area="13.03")["scope"] == "13.03"
    assert enriched(intake, area="13.71")["marks"] == ["outside_area"]


def test_the_reporters_severity_comes_before_the_kinds_before_the_categorys(intake: Intake) -> None:
    assert enriched(intake, kind="missing_ballots", severity=1)["severity"] == 1
    assert enriched(intake, kind="missing_ballots")["severity"] == 4
    assert enriched(intake)["severity"] == 3


def test_severity_decides_the_deadlines_and_kind_the_agencies(intake: Intake, known: context.Context) -> None:
    message = enriched(intake, category="security", kind="disaster", severity=5)
    assert (message["ack_minutes"], message["resolve_minutes"]) == known.catalog.categories["security"].deadlines[5]
    assert message["lead_agency"] == "bpbd"
    assert enriched(intake, category="security")["lead_agency"] == "polri"


def test_the_phase_is_that_of_the_event_not_of_the_report(intake: Intake) -> None:
    assert enriched(intake)["phase"] == "voting"
    assert enriched(intake, occurred_at="2024-11-27T06:30:00+07:00")["phase"] == "opening"
    assert enriched(intake, reported_at="2024-06-01T07:00:00+07:00")["phase"] == ""


MARKS = {
    "in time": ({}, NOW, []),
    "an hour": ({}, NOW + HOUR, []),
    "more than an hour": ({}, NOW + HOUR + 1, ["late"]),
    "played again after 30 days": ({}, NOW + 30 * DAY, []),
    "five minutes ahead": ({}, NOW - 5 * MINUTE, []),
    "more than five minutes ahead": ({}, NOW - 5 * MINUTE - 1, ["clock_ahead"]),
    "hours ahead": ({}, NOW - 9 * HOUR, ["clock_ahead"]),
    "occurs after it is reported": ({"occurred_at": iso(NOW + 6 * MINUTE)}, NOW, ["clock_ahead"]),
    "occurred long before": ({"occurred_at": iso(NOW - 5 * HOUR)}, NOW, []),
    "other province": ({"area": "15.71"}, NOW, ["outside_area"]),
    "own province": ({"area": "16"}, NOW, []),
    "open sea": ({"lat": 0.0, "lng": 0.0}, NOW, ["outside_area"]),
    "TPS 999": ({"tps": f"{VILLAGE}/999"}, NOW, ["tps_unknown"]),
    "area not around the TPS": ({"tps": f"{VILLAGE}/1", "area": "16.01"}, NOW, ["place_conflict"]),
    "area around the TPS": ({"tps": f"{VILLAGE}/1", "area": "16.71"}, NOW, []),
    "point far from the TPS": ({"tps": f"{VILLAGE}/1", "lat": -4.0, "lng": 103.2}, NOW, ["place_conflict"]),
    "point far from the area": ({"area": VILLAGE, "lat": -4.0, "lng": 103.2}, NOW, ["place_conflict"]),
    "everything": (
        {"tps": "15.71.01.1001/999", "lat": -4.0, "lng": 103.2},
        NOW + 2 * HOUR,
        ["outside_area", "place_conflict", "late"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "received_at", "marks"), MARKS.values(), ids=MARKS.keys())
def test_what_is_odd_is_kept_and_marked(
    intake: Intake, changes: dict[str, Any], received_at: int, marks: list[str]
) -> None:
    assert enriched(intake, received_at, **changes)["marks"] == marks


def test_a_point_near_the_tps_is_no_conflict(intake: Intake, middle: tuple[float, float]) -> None:
    assert enriched(intake, tps=f"{VILLAGE}/1", lat=middle[0] + 0.01, lng=middle[1] - 0.01)["marks"] == []


def test_a_contradicted_point_is_as_uncertain_as_it_is_far(intake: Intake) -> None:
    message = enriched(intake, tps=f"{VILLAGE}/1", lat=-4.0, lng=103.2)
    assert (message["lat"], message["lng"]) == (-4.0, 103.2)
    assert message["place_m"] > 100_000


REFUSED = {
    "category": ({"category": "weather"}, "unknown_category", "category"),
    "kind": ({"kind": "brawl"}, "unknown_kind", "kind"),
    "role": ({"reporter": {**REPORT["reporter"], "role": "king"}}, "unknown_role", "reporter.role"),
    "institution": (
        {"reporter": {**REPORT["reporter"], "institution": "x"}}, "unknown_institution", "reporter.institution",
    ),
    "area": ({"area": "99.99"}, "unknown_place", "area"),
    "kelurahan of a TPS": ({"tps": "16.71.01.9999/1"}, "unknown_place", "tps"),
    "clock of 1970": ({"reported_at": "1970-01-01T00:00:00Z"}, "clock_implausible", "reported_at"),
    "clock of year 1": ({"reported_at": "0001-01-01T00:00:00+14:00"}, "clock_implausible", "reported_at"),
    "clock of year 9999": ({"reported_at": "9999-12-31T23:59:59-14:00"}, "clock_implausible", "reported_at"),
    "occurred in 2019": ({"occurred_at": "2019-11-27T07:00:00Z"}, "clock_implausible", "occurred_at"),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "reason", "field"), REFUSED.values(), ids=REFUSED.keys())
def test_what_does_not_exist_is_refused_with_its_field(
    intake: Intake, changes: dict[str, Any], reason: str, field: str
) -> None:
    error = refused(intake, **changes)
    assert (error.reason, error.field) == (reason, field)
    assert "expected" in error.detail


def test_an_unknown_code_is_answered_with_the_known_ones(intake: Intake, known: context.Context) -> None:
    assert all(
        role in refused(intake, reporter={**REPORT["reporter"], "role": "x"}).detail for role in known.catalog.roles
    )


def test_a_clock_is_plausible_near_the_election_or_near_now(intake: Intake) -> None:
    years_later = NOW + 5 * 366 * DAY
    assert enriched(intake, years_later)["marks"] == []
    assert enriched(intake, years_later, reported_at=iso(years_later - HOUR))["reported_at"] == years_later - HOUR


def test_the_same_content_has_the_same_hash_whatever_the_transport(intake: Intake) -> None:
    one = intake.enrich(encoded(tps=f"{VILLAGE}/7", x={"a": 1, "b": 2}), NOW, 0, 1)["content"]
    turned = json.dumps({"x": {"b": 2, "a": 1}, "tps": f"{VILLAGE}/007", **dict(reversed(REPORT.items()))}, indent=1)
    assert intake.enrich(turned.encode(), NOW + HOUR, 3, 9)["content"] == one
    assert len(one) == 16
    int(one, 16)


@pytest.mark.parametrize(
    "change", [{"text": "lain"}, {"severity": 2}, {"note": 1}, {"reporter": {**REPORT["reporter"], "id": "r-2"}}]
)
def test_other_content_has_another_hash(intake: Intake, change: dict[str, Any]) -> None:
    assert enriched(intake, **change)["content"] != enriched(intake)["content"]


def test_where_a_message_was_is_kept(intake: Intake) -> None:
    message = enriched(intake, NOW + 5)
    assert (message["received_at"], message["source_partition"], message["source_offset"]) == (NOW + 5, 2, 77)


def test_all_of_indonesia_has_a_scope_for_what_has_no_place() -> None:
    intake = Intake(*context.load("indonesia-2024"))
    assert enriched(intake, text="mohon info")["scope"] == NOWHERE
    assert enriched(intake, area="73.71", category="hoax")["scope"] == "73"
    assert enriched(intake, area="73.71")["scope"] == "73.71"


ODD: dict[str, st.SearchStrategy[Any]] = {
    "text": st.text(min_size=1, max_size=200),
    "area": st.from_regex(r"\A(1[0-9]|[0-9]{2})(\.[0-9]{2})?\Z"),
    "lat": st.floats(-90, 90),
    "lng": st.floats(-180, 180),
    "category": st.sampled_from(["logistics", "security", "hoax", "asn_neutrality", "x"]),
    "severity": st.none() | st.integers(0, 6),
}


@given(st.fixed_dictionaries({}, optional=ODD), st.integers(NOW - 400 * DAY, NOW + 4000 * DAY))
@settings(max_examples=200, deadline=None)
def test_whatever_is_sent_is_enriched_or_refused_with_a_known_reason(
    intake: Intake, changes: dict[str, Any], received_at: int
) -> None:
    try:
        reason = ""
        message = enriched(intake, received_at, **changes)
    except Invalid as error:
        reason, message = error.reason, {}
    assert bool(message) != (reason in REASONS)
    assert not message or message["scope"]
