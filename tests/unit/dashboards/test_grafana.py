"""Dashboards as code: what every page and panel promises whoever looks at it, and that its JSON is Grafana's."""

from __future__ import annotations

import base64
import json
from functools import cache
from typing import Any

import pytest
from grafana_foundation_sdk.models.dashboard import Dashboard

from dashboards.grafana import boundaries, build, files, layout, links
from dashboards.grafana.model import Kind, Page, Panel
from dashboards.grafana.pages import PAGES
from dashboards.grafana.variables import Place, given
from posko import context
from sinks.queries import panels as questions

BOARD = "https://papan.example"
# Only what Grafana 9.3 has as well as the current one.
IN_BOTH = {"stat", "table", "timeseries", "bargauge", "geomap"}
EVERY_PANEL = [
    pytest.param(page, panel, id=f"{page.name}: {panel.question}") for page in PAGES.values() for panel in page.panels
]
pages = pytest.mark.parametrize("page", PAGES.values(), ids=list(PAGES))
panels = pytest.mark.parametrize(("page", "panel"), EVERY_PANEL)


@cache
def place() -> Place:
    return Place(context.load("sumsel-2024").election, BOARD)


@cache
def models() -> dict[str, dict[str, Any]]:
    return build.models(place())


def shown(page: Page, panel: Panel) -> dict[str, Any]:
    return dict(models()[page.name]["panels"][page.panels.index(panel)])


def test_the_dashboards_that_a_command_post_needs_are_there() -> None:
    assert [page.title for page in PAGES.values()] == [
        "Situasi", "Dinding", "Logistik", "Keamanan", "Hoaks", "Netralitas ASN", "Wilayah", "Insiden", "Kinerja posko",
        "Kesehatan pipa data",
    ]  # fmt: skip


@panels
def test_a_panel_asks_a_question_and_explains_itself(page: Page, panel: Panel) -> None:
    made = shown(page, panel)
    assert "?" in made["title"]
    assert made["description"].endswith(".")
    assert made["fieldConfig"]["defaults"]["noValue"] == panel.none
    assert made["type"] in IN_BOTH


@panels
def test_a_panel_has_units_and_thresholds_for_its_numbers(page: Page, panel: Panel) -> None:
    made = shown(page, panel)
    steps = made["fieldConfig"]["defaults"]["thresholds"]["steps"]
    assert steps[0]["value"] is None
    assert [step["value"] for step in steps[1:]] == sorted(step["value"] for step in steps[1:])
    if panel.kind is Kind.TABLE:
        units = {
            override["matcher"]["options"]: {one["id"]: one.get("value") for one in override["properties"]}
            for override in made["fieldConfig"]["overrides"]
        }
        assert {column.name: column.unit for column in panel.columns if column.unit} == {
            name: one["unit"] for name, one in units.items() if "unit" in one
        }
    else:
        assert made["fieldConfig"]["defaults"]["unit"]


@panels
def test_a_panel_leads_to_the_board_and_its_links_go_where_links_go(page: Page, panel: Panel) -> None:
    made = shown(page, panel)
    assert [link["url"] for link in made["links"]] == ["${board:raw}/"]
    names = {column.name for column in panel.columns}
    for column in panel.columns:
        if column.link:
            _, url = links.TO[column.link]
            used = {part.split("}")[0] for part in url.split("${__data.fields.")[1:]}
            assert used <= names, f"{column.name} leads to {url}, which needs {used - names}"


@panels
def test_a_panel_uses_only_variables_that_its_page_has(page: Page, panel: Panel) -> None:
    there = {variable["name"] for variable in models()[page.name]["templating"]["list"]}
    used = {part.split("}")[0].split(":")[0] for part in panel.sql.split("${")[1:]}
    assert used <= there
    assert used <= given(page, place()).keys()


@pages
def test_links_lead_to_dashboards_and_variables_that_exist(page: Page) -> None:
    text = json.dumps(models()[page.name])
    known = {one.uid: {v["name"] for v in models()[name]["templating"]["list"]} for name, one in PAGES.items()}
    for found in text.split("/d/")[1:]:
        uid, _, query = found.split('"')[0].partition("?")
        assert uid in known
        for variable in query.split("var-")[1:]:
            assert variable.split("=")[0] in known[uid]


@pages
def test_panels_fill_the_page_without_overlap(page: Page) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in models()[page.name]["panels"]:
        at = panel["gridPos"]
        cells = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
        assert not taken & cells, panel["title"]
        assert at["x"] + at["w"] <= layout.COLUMNS, panel["title"]
        taken |= cells
    height = max(y for _, y in taken) + 1
    assert len(taken) == height * layout.COLUMNS


@pages
def test_the_json_is_what_the_sdk_reads_again(page: Page) -> None:
    model = models()[page.name]
    again = Dashboard.from_json(model)
    assert (again.uid, again.title, len(again.panels or ())) == (page.uid, page.title, len(page.panels))


@pages
def test_ids_of_panels_are_unique_and_the_dashboard_cannot_be_edited_by_accident(page: Page) -> None:
    model = models()[page.name]
    assert len({panel["id"] for panel in model["panels"]}) == len(model["panels"])
    assert model["editable"] is False


def test_every_question_of_the_panels_is_used() -> None:
    used = {panel.ask for page in PAGES.values() for panel in page.panels}
    assert used == set(questions.names(questions.PANELS))


def test_hidden_variables_carry_the_board_and_the_election() -> None:
    fixed = {one["name"]: one for one in models()["situasi"]["templating"]["list"] if one["type"] == "constant"}
    assert fixed["board"]["query"] == BOARD
    assert fixed["fase"]["query"].startswith("('distribution', 'Distribusi logistik', ")
    assert all(one["hide"] == 2 for one in fixed.values())


def test_the_map_needs_nothing_from_the_internet_and_has_the_boundaries_of_all_regencies() -> None:
    (panel,) = (one for one in models()["situasi"]["panels"] if one["type"] == "geomap")
    options = panel["options"]
    assert options["basemap"]["config"]["url"].startswith("data:image/png;")
    (borders,) = (layer for layer in options["layers"] if layer["type"] == "geojson")
    assert "http" not in json.dumps(options)
    shapes = json.loads(base64.b64decode(borders["config"]["src"].partition(",")[2]))
    assert len(shapes["features"]) == 17
    assert len(boundaries.shapes("16")["district"]) == 241


def test_files_written_twice_are_the_same_bytes(tmp_path: Any) -> None:
    first = {path.relative_to(tmp_path / "a"): path.read_bytes() for path in files.write(tmp_path / "a", place(), "/d")}
    again = {path.relative_to(tmp_path / "b"): path.read_bytes() for path in files.write(tmp_path / "b", place(), "/d")}
    assert first == again
    assert len(first) == len(PAGES) + 3
