"""Dashboards on a played day in the real engine: every question is answered and drawn, what is wrong is noticed."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from clickhouse_connect.driver.client import Client

from dashboards.grafana import asking, checking
from dashboards.grafana.asking import Ask
from dashboards.grafana.pages import PAGES
from dashboards.grafana.still import page as still
from dashboards.grafana.variables import Place
from dashboards.sitrep import facts
from dashboards.sitrep import page as sitrep
from posko import context
from posko.settings import Settings
from tests import played_day, processes
from tests.integration.conftest import posko

PLACE = Place(context.load("sumsel-2024").election, "http://127.0.0.1:29004")


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """An engine with a morning of Sumatera Selatan, people acting on it."""
    with processes.engine(tmp_path_factory.mktemp("played"), processes.free_ports()) as known:
        with _client(known) as client:
            played_day.play(client, int(time.time() * 1000), hours=(5, 10), reports=5000)
        yield known


@pytest.fixture(scope="module")
def ask(played: Settings) -> Iterator[Ask]:
    with asking.door(played) as door:
        yield door


def _client(known: Settings) -> Client:
    from sinks import clickhouse

    return clickhouse.connect(known)


def test_every_question_of_every_dashboard_and_alert_is_answered_as_its_panel_needs(played: Settings) -> None:
    done = posko(
        "dashboards", "check", "--hours", "6", "--data", str(played.data), "--port-base", str(played.port_base)
    )
    assert " 0 wrong" in done.stdout
    assert all(page.title in done.stdout for page in PAGES.values())


def test_the_check_finds_what_is_missing_empty_or_refused(played: Settings, ask: Ask) -> None:
    def broken(sql: str, *rest: object) -> asking.Answer:
        if "posko.reports_by_minute" in sql:
            raise asking.Refused("no such table")
        return ask(sql.replace("AS critical,", "AS renamed,"), *rest)  # type: ignore[arg-type]

    found = checking.check(broken, PLACE, asking.until_now(6), ["situasi"])
    wrong = {one.what: one.wrong for one in found if not one.fine}
    assert wrong["Berapa insiden kritis terbuka?"] == "missing: critical"
    assert wrong["Berapa laporan masuk, dan tentang apa?"] == "no such table"
    later = checking.check(ask, PLACE, asking.Range(*_future(), 60), ["kinerja"])
    empty = {one.what: one.wrong for one in later if not one.fine}
    assert empty["Siapa yang bertindak?"] == "no rows"
    assert empty["Tenggat mana yang terlewat sampai naik tingkat?"] == "nothing but zeros"


def _future() -> tuple[asking.datetime, asking.datetime]:
    start = asking.datetime.now(asking.UTC) + asking.timedelta(days=30)
    return start, start + asking.timedelta(hours=1)


def test_a_chosen_kabupaten_shows_its_own_and_nothing_else(ask: Ask) -> None:
    panel = next(one for one in PAGES["wilayah"].panels if one.ask == "districts")
    given = {"kabupaten": ["16.71"], "kecamatan": ["$__all"]}
    answer = ask(panel.sql, given, asking.until_now(6))
    assert answer.rows
    assert set(answer.values("regency")) == {"16.71"}


def test_the_dashboard_user_needs_no_more_than_reading(played: Settings, ask: Ask) -> None:
    with pytest.raises(asking.Refused):
        ask("CREATE TABLE posko.x (a UInt8) ENGINE = Memory", {}, asking.until_now(1))


class Page(HTMLParser):
    """Collects what a page shows and from where it would load something."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.titles: list[str] = []
        self.loads: list[str] = []
        self.figures = self.drawings = 0
        self._title = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._title = tag == "h3"
        self.drawings += tag == "svg" and given.get("role") == "img"
        self.figures += tag == "p" and (given.get("class") or "").startswith("figure")
        self.loads += [given["src"] or ""] if "src" in given else []
        self.loads += [given["href"] or ""] if tag == "link" else []

    def handle_data(self, data: str) -> None:
        if self._title:
            self.titles.append(data)
            self._title = False


def test_the_page_without_grafana_shows_every_panel_and_loads_nothing(played: Settings, tmp_path: Path) -> None:
    out = tmp_path / "dasbor.html"
    posko("dashboards", "render", str(out), "--data", str(played.data), "--port-base", str(played.port_base))
    page = Page(out.read_text())
    assert page.titles == [panel.question for one in PAGES.values() for panel in one.panels]
    assert not page.loads
    kinds = [panel.kind for one in PAGES.values() for panel in one.panels]
    assert page.figures == kinds.count(still.Kind.STAT)
    assert page.drawings == kinds.count(still.Kind.SERIES) + kinds.count(still.Kind.MAP)
    assert 'class="wrong"' not in out.read_text()


def test_words_of_reporters_are_shown_as_words(ask: Ask) -> None:
    def hostile(sql: str, *rest: object) -> asking.Answer:
        answer = ask(sql, *rest)  # type: ignore[arg-type]
        rows = [["<script>x</script>" if isinstance(value, str) else value for value in row] for row in answer.rows]
        return asking.Answer(answer.columns, answer.kinds, rows, answer.took_ms)

    text = still.render(hostile, PLACE, asking.until_now(6), ["insiden", "situasi"])
    assert "<script" not in text
    assert "&lt;script&gt;" in text


def test_the_situation_report_of_a_kabupaten_is_two_pages_of_paper(played: Settings, tmp_path: Path) -> None:
    out, paper = tmp_path / "sitrep.html", tmp_path / "sitrep.pdf"
    asked = ["sitrep", "--hours", "6", "--area", "16.71", "--out", str(out), "--pdf", str(paper)]
    posko(*asked, "--data", str(played.data), "--port-base", str(played.port_base))
    text = out.read_text()
    assert "Kota Palembang" in text
    assert not Page(text).loads
    others = re.findall(r"(?:Kab\.|Kota) (?!Palembang)\w+(?=</td>)", text)
    assert not others
    pages = re.findall(rb"/Type\s*/Page\b", paper.read_bytes())
    assert 1 <= len(pages) <= 2


def test_the_report_counts_what_the_tables_hold(played: Settings, ask: Ask) -> None:
    now = asking.datetime.now(asking.UTC)
    found = facts.figures(facts.ask_all(ask, PLACE, sitrep.span_of(6, now), ())["headline"])
    figures = {one.label: one for one in found}
    with _client(played) as client:
        still, new = client.query(
            "SELECT countIf(status NOT IN ('resolved', 'rejected')), countIf(opened_at >= {since:DateTime}) "
            "FROM posko.incidents WHERE merged_into = ''",
            parameters={"since": now - asking.timedelta(hours=6)},
        ).result_rows[0]
    assert figures["Insiden terbuka"].value == still
    assert figures["Insiden baru"].value == new
    flow = figures["Insiden baru"].value - figures["Ditutup"].value
    assert figures["Insiden terbuka"].change == flow  # nothing is opened again on this day
    assert figures["Tenggat terlewat"].value > 0
