"""What the report says, asked from ClickHouse: each part one question of `sinks/queries`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dashboards.grafana.asking import Answer, Ask
from dashboards.grafana.macros import Range
from dashboards.grafana.variables import Place
from dashboards.sitrep import area
from sinks.queries import panels

# Those of dashboards too are asked with the dashboards' own SQL.
PARTS = {
    "headline": panels.SITREP,
    "categories": panels.SITREP,
    "places": panels.SITREP,
    "escalated": panels.SITREP,
    "claims": panels.SITREP,
    "resolved": panels.SITREP,
    "keeping_up": panels.SITREP,
    "burning": panels.PANELS,
    "map": panels.PANELS,
    "by_agency": panels.PANELS,
    "phase": panels.PANELS,
    "pipeline_now": panels.PANELS,
    "pipeline_figures": panels.PANELS,
}
GOOD_DOWN, GOOD_UP, PLAIN = -1, 1, 0  # which way a figure should go
FIGURES = (
    ("open", "Insiden terbuka", GOOD_DOWN),
    ("critical", "Kritis terbuka", GOOD_DOWN),
    ("opened", "Insiden baru", GOOD_DOWN),
    ("closed", "Ditutup", GOOD_UP),
    ("missed", "Tenggat terlewat", GOOD_DOWN),
    ("reports", "Laporan masuk", PLAIN),
)


@dataclass(frozen=True)
class Figure:
    """A number of the first row, with what it was the same length of time before."""

    label: str
    value: int
    before: int
    good: int

    @property
    def change(self) -> int:
        """How much more than before."""
        return self.value - self.before

    @property
    def mood(self) -> str:
        """Whether that is `better`, `worse`, or neither: `plain`."""
        return {1: "better", -1: "worse"}.get((self.change > 0) * self.good - (self.change < 0) * self.good, "plain")


def ask_all(ask: Ask, place: Place, span: Range, areas: Sequence[str]) -> dict[str, Answer]:
    """The answer to each part. Raises asking.Refused."""
    regencies = {code[:5] for code in areas if len(code) >= 5}
    narrow = bool(areas) and len(regencies) == 1 and all(len(code) >= 5 for code in areas)
    given = {
        "fase": [place.phases],
        "zona": [str(place.election.timezone)],
        "digits": ["8" if narrow else "5"],
    }
    return {name: ask(area.within(panels.load(folder, name).sql, areas), given, span) for name, folder in PARTS.items()}


def rows(answer: Answer) -> list[dict[str, Any]]:
    """Rows by the names of their columns."""
    return [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]


def figures(answer: Answer) -> list[Figure]:
    """The first row of the page."""
    found = rows(answer)[0]
    return [
        Figure(label, int(found[name] or 0), int(found[f"{name}_before"] or 0), good) for name, label, good in FIGURES
    ]
