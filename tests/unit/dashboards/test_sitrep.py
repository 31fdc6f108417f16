"""The situation report: whom it is about, which way is better, and what stands in the page."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dashboards.grafana.asking import Answer
from dashboards.grafana.macros import Range, Variables, expand
from dashboards.sitrep import area, facts, page, pdf
from dashboards.sitrep.facts import Figure
from posko import context
from posko.settings import SettingsError
from sinks.queries import panels

KNOWN = context.load("sumsel-2024")
NOW = datetime(2024, 11, 27, 0, 30, tzinfo=UTC)
HOSTILE = "<script>x</script> 0812 3456 7890"
NUMBERS = {
    "severity", "open", "critical", "overdue", "opened", "opened_before", "unheld", "told", "regencies", "minutes",
    "lat", "lng", "worst", "escalation", "minutes_left", "taken", "closed", "p99_ms", "p50_ms", "resends", "rejected",
    "rejected_percent", "reports",
}  # fmt: skip
COLUMNS = {
    "headline": [name for figure, _, _ in facts.FIGURES for name in (figure, f"{figure}_before")],
    "categories": ["category", "opened", "opened_before", "open", "critical", "overdue"],
    "places": ["name", "critical", "open", "overdue", "opened", "opened_before"],
    "escalated": ["severity", "title", "place_name", "holder", "escalation", "missed", "at", "incident_id"],
    "claims": ["title", "told", "regencies", "verdict", "incident_id"],
    "resolved": ["severity", "title", "place_name", "holder", "at", "minutes", "incident_id"],
    "keeping_up": ["time", "opened", "taken", "closed"],
    "burning": ["severity", "title", "place_name", "holder", "status", "minutes_left", "incident_id"],
    "map": ["code", "name", "lat", "lng", "open", "critical", "worst"],
    "by_agency": ["agency", "critical", "open", "unheld", "overdue"],
    "phase": ["phase", "then"],
    "pipeline_now": ["p50_ms", "p99_ms", "reports"],
    "pipeline_figures": ["resends", "rejected", "rejected_percent"],
}


def hostile(sql: str, variables: Variables, span: Range) -> Answer:
    """One row for each question, every text an attack."""
    (name,) = [one for one, folder in facts.PARTS.items() if area.within(panels.load(folder, one).sql, ()) == sql]
    columns = COLUMNS[name]
    row = [
        span.start if one in ("time", "at") else 4 if one in NUMBERS or name == "headline" else HOSTILE
        for one in columns
    ]
    return Answer(tuple(columns), ("text",) * len(columns), [row], 1)


def test_what_people_wrote_is_shown_as_words_without_their_numbers() -> None:
    html = page.render(hostile, KNOWN, "", (), 12, NOW)
    assert "<script" not in html
    assert "&lt;script&gt;x" in html
    assert "•••</a>" in html
    assert "0812 3456 7890</a>" not in html


def test_the_page_says_when_where_and_in_which_time_zone() -> None:
    html = page.render(hostile, KNOWN, "", (), 12, NOW)
    assert "27/11/2024 07.30 WIB" in html
    assert "26/11/2024 19.30" in html
    assert "Provinsi Sumatera Selatan" in html


def test_the_page_loads_nothing_and_its_style_is_the_one_its_policy_allows() -> None:
    html = page.render(hostile, KNOWN, "", (), 12, NOW)
    assert not re.search(r"<(script|link|img|iframe)|\bstyle=|url\(|@import", html)
    (style,) = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    assert f"'sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}'" in page.policy()


@pytest.mark.parametrize(
    ("value", "before", "good", "mood"),
    [(5, 3, -1, "worse"), (3, 5, -1, "better"), (5, 3, 1, "better"), (3, 3, -1, "plain"), (5, 3, 0, "plain")],
    ids=["more is worse", "less is better", "more is better", "the same", "neither"],
)
def test_a_change_is_called_what_it_is(value: int, before: int, good: int, mood: str) -> None:
    assert Figure("x", value, before, good).mood == mood


def test_areas_are_codes_of_the_elections_own_area() -> None:
    assert area.chosen(["1671", "16.01.07"], KNOWN.regions) == ("16.01.07", "16.71")
    assert area.chosen(["16", "16.71"], KNOWN.regions) == ()
    with pytest.raises(SettingsError, match="no region of this election"):
        area.chosen(["32.73"], KNOWN.regions)
    with pytest.raises(SettingsError, match="Kemendagri"):
        area.chosen(["Palembang"], KNOWN.regions)


@pytest.mark.parametrize("name", sorted(facts.PARTS.keys() - {"phase", "pipeline_now", "pipeline_figures"}))
def test_every_question_about_incidents_keeps_to_the_area(name: str) -> None:
    sql = area.within(panels.load(facts.PARTS[name], name).sql, ("16.71",))
    assert "'16.71'" in sql
    variables = {"digits": ["5"], "fase": [""], "zona": ["Asia/Jakarta"]}
    assert "$" not in expand(sql, page.span_of(12, NOW), variables)


def test_what_is_no_code_never_becomes_sql() -> None:
    with pytest.raises(ValueError, match="no region code"):
        area.within("SELECT $__conditionalAll(regency IN (${kabupaten:singlequote}), $kabupaten)", ("16') OR 1=1 --",))


def test_the_time_before_is_as_long() -> None:
    span = page.span_of(12, NOW)
    assert span.end - span.start == timedelta(hours=12)


def test_without_a_browser_the_way_out_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "none"))
    with pytest.raises(SettingsError, match="apt-get install chromium"):
        pdf.write("<p>x</p>", tmp_path / "x.pdf")
