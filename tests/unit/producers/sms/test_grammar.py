"""What short messages are understood to mean, however they are typed."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posko import context
from posko.context import Context
from posko.report import MAX_TEXT
from producers.sms.category import guess
from producers.sms.grammar import understand

KANDAS = {"category": "logistics", "text": "prahu kandas"}


@pytest.fixture(scope="module")
def known() -> Context:
    return context.load("sumsel-2024")


def writer(area: str = "") -> SimpleNamespace:
    return SimpleNamespace(area=area)


@pytest.mark.parametrize(
    ("text", "area", "report"),
    [
        ("LOG 4 tj baru prahu kandas", "16.02", {**KANDAS, "tps": "16.02.02.2003/004"}),
        ("LOG 4 tj baru prahu kandas", "16.10.07.2001", {**KANDAS, "tps": "16.10.07.2009/004"}),
        ("L0G O4 tj baru, prahu kandas", "16.02", {**KANDAS, "tps": "16.02.02.2003/004"}),
        ("log#tj baru kec tj lubuk#tps 4#prahu kandas", "", {**KANDAS, "tps": "16.02.02.2003/004"}),
        ("LOG4 35 ilir prahu kandas", "", {**KANDAS, "tps": "16.71.01.1001/004"}),
        ("lgstk TPS l2 35 ilir: prahu kandas", "", {**KANDAS, "tps": "16.71.01.1001/012"}),
        ("LOG 35 ilir prahu kandas", "", {**KANDAS, "area": "16.71.01.1001"}),
        ("LOG 1671011001/4 prahu kandas", "", {**KANDAS, "tps": "16.71.01.1001/004"}),
        ("LOG 4 prahu kandas", "16.71.01.1001", {**KANDAS, "tps": "16.71.01.1001/004"}),
        ("LOG prahu kandas", "16.71.01.1001/007", {**KANDAS, "tps": "16.71.01.1001/007"}),
    ],
)
def test_a_message_in_code_is_a_report(known: Context, text: str, area: str, report: dict[str, object]) -> None:
    draft = understand(text, known, writer(area))
    assert (draft.report, draft.missing) == (report, [])


def test_free_text_keeps_its_words_and_gets_category_and_place(known: Context) -> None:
    draft = understand("ribut di tps O3 kenten bawa parang", known, writer("16.71"))
    text = "ribut di tps 03 kenten bawa parang"
    assert draft.report == {"category": "security", "text": text, "tps": "16.07.10.1006/003"}
    assert draft.understood == ["Keamanan", "TPS 3, Kenten, Kec. Talang Kelapa, Kab. Banyuasin"]


def test_a_number_that_counts_people_is_no_polling_station(known: Context) -> None:
    report = understand("3 orang berkelahi", known, writer("16.71.01.1001")).report
    assert report == {"category": "security", "text": "3 orang berkelahi", "area": "16.71.01.1001"}


def test_a_place_that_exists_many_times_is_asked_for_and_its_words_are_kept(known: Context) -> None:
    draft = understand("LOG 4 tj baru prahu kandas", known, writer("16.71"))
    assert draft.missing == ["place"]
    assert draft.report == {"category": "logistics", "text": "TPS 4: tj baru prahu kandas"}


def test_a_rumour_needs_no_place(known: Context) -> None:
    draft = understand("HOAX pencoblosan ditunda", known, writer())
    assert (draft.report["category"], draft.missing) == ("hoax", [])


@pytest.mark.parametrize(
    ("text", "missing"), [("halo pak", ["category", "place"]), ("LOG 4", ["place", "text"]), ("", None)]
)
def test_what_is_not_understood_is_named_as_missing(known: Context, text: str, missing: list[str] | None) -> None:
    assert understand(text, known, writer()).missing == (missing or ["category", "place", "text"])


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("lgstk blm tiba tps 4 prahu kandas", "logistics"),
        ("ada bagi uang amplop 50rb", "security"),
        ("beredar kabar pencoblosan ditunda", "hoax"),
        ("pak camat hadir kampanye", "asn_neutrality"),
        ("selamat pagi", ""),
    ],
)
def test_words_speak_for_a_category_or_for_none(known: Context, text: str, category: str) -> None:
    assert guess(text, known.catalog) == category


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200) | st.from_regex(r"(LOG|KAM|TPS|tj baru|[0-9OIl #/.]){1,8}", fullmatch=True))
def test_any_text_makes_a_draft_within_the_limits(known: Context, text: str) -> None:
    draft = understand(text, known, writer("16.71"))
    assert 1 <= len(draft.report["text"]) <= MAX_TEXT
    assert draft.report["category"] in {"", *known.catalog.categories}
