"""Variables of the dashboards: what people choose, and what the election fixes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from grafana_foundation_sdk.builders import dashboard as dashboards
from grafana_foundation_sdk.models.dashboard import VariableHide, VariableOption, VariableRefresh, VariableSort

from dashboards.grafana.look import DATASOURCE
from dashboards.grafana.macros import ALL
from dashboards.grafana.model import Page
from posko.election import Election

# The plugin takes the first column for the value and the second for what people see.
QUERIES = {
    "kabupaten": "SELECT code, name FROM posko.regions WHERE level = 'regency' ORDER BY name",
    "kecamatan": "SELECT code, name FROM posko.regions WHERE level = 'district' "
    "AND parent IN (${kabupaten:singlequote}) ORDER BY name",
}
LABELS = {"kabupaten": "Kabupaten/kota", "kecamatan": "Kecamatan", "insiden": "Kode insiden"}


@dataclass(frozen=True)
class Place:
    """What the dashboards need to know of the instance: its election, and the address of the triage board."""

    election: Election
    board: str

    @property
    def phases(self) -> str:
        """The election's phases as elements of a ClickHouse array: code, name, start, end (seconds since 1970)."""
        return ", ".join(
            f"('{phase.code}', '{_quoted(phase.names['id'])}', {phase.start_ms // 1000}, {phase.end_ms // 1000})"
            for phase in self.election.phases
        )

    def fixed(self, page: Page) -> dict[str, str]:
        """Values that the page sets itself, of variables that nobody sees."""
        return {
            "board": self.board.rstrip("/"),
            "fase": self.phases,
            "zona": str(self.election.timezone),
            **page.fixed,
        }


def given(page: Page, place: Place) -> dict[str, list[str]]:
    """All variables of a page as Grafana would have them when it is opened: everything chosen.

    What its questions use and it does not let people choose is there all the same, hidden.
    """
    chosen = {name: [ALL] if name in QUERIES else [""] for name in _wanted(page)}
    return chosen | {name: [value] for name, value in place.fixed(page).items()}


def of(page: Page, place: Place) -> list[Any]:
    """The SDK's variables of a page: those chosen first, then the hidden ones."""
    made: list[Any] = []
    for name in _wanted(page):
        hide = VariableHide.DONT_HIDE if name in page.chosen else VariableHide.HIDE_VARIABLE
        made.append(_query(name, hide) if name in QUERIES else _text(name))
    return made + [dashboards.ConstantVariable(name).value(value) for name, value in sorted(place.fixed(page).items())]


def _wanted(page: Page) -> list[str]:
    """Names of the page's variables that Grafana asks for or people write."""
    asked = " ".join(panel.sql for panel in page.panels)
    return [name for name in LABELS if name in page.chosen or f"${{{name}:" in asked]


def _query(name: str, hide: VariableHide = VariableHide.DONT_HIDE) -> dashboards.QueryVariable:
    return (
        dashboards.QueryVariable(name)
        .label(LABELS[name])
        .datasource(DATASOURCE)
        .query(QUERIES[name])
        .refresh(VariableRefresh.ON_DASHBOARD_LOAD)
        .sort(VariableSort.DISABLED)
        .include_all(True)
        .multi(True)
        .current(VariableOption(text="All", value=ALL))
        .hide(hide)
    )


def _text(name: str) -> dashboards.TextBoxVariable:
    return dashboards.TextBoxVariable(name).label(LABELS[name]).default_value("")


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")


def without_phases(sql: str, values: Mapping[str, str]) -> str:
    """SQL of an alert rule, where Grafana knows no variables: the election's values put in."""
    for name, value in values.items():
        sql = sql.replace(f"${{{name}:raw}}", value)
    return sql
