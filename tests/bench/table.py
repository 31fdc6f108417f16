"""The figures of a comparison: medians, ratios, and how they are shown. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

from rich.table import Table

OURS = "posko"


@dataclass
class Figure:
    """What one side did in one row. `seconds` on the wall and `processor` seconds: of each repetition, in the order of
    running.
    """

    row: str
    side: str
    guarantee: str
    reports: int
    seconds: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    failed: str = ""

    def add(self, seconds: float, processor: float) -> None:
        """One more repetition."""
        self.seconds.append(seconds)
        self.processor.append(processor)

    @property
    def rate(self) -> float:
        """Reports a second at the median time; 0 when nothing was measured."""
        return self.reports / median(self.seconds) if self.seconds else 0.0

    @property
    def cost(self) -> float:
        """Microseconds of processor time a report, all threads of the side's process together."""
        return 1e6 * median(self.processor) / self.reports if self.processor else 0.0

    @property
    def spread(self) -> float:
        """Half the distance between the slowest and the quickest repetition, as a part of the median."""
        if not self.seconds:
            return 0.0
        return (max(self.seconds) - min(self.seconds)) / 2 / median(self.seconds)


def ratio(ours: Figure, peer: Figure) -> float | None:
    """How many times as fast as `peer` we are: the median over repetitions of same number, which ran next to each
    other. None when one of the two was not measured.
    """
    pairs = list(zip(ours.seconds, peer.seconds, strict=False))
    return median(peer_took / took for took, peer_took in pairs) if pairs else None


def ratios(figures: Sequence[Figure]) -> list[tuple[Figure, float | None]]:
    """Each figure with our ratio to it in the same row; our own with 1."""
    ours = {figure.row: figure for figure in figures if figure.side == OURS}
    return [(figure, ratio(ours[figure.row], figure) if figure.row in ours else None) for figure in figures]


def as_json(figures: Sequence[Figure], machine: dict[str, Any]) -> dict[str, Any]:
    """Everything measured, for programs."""
    rows = [
        {
            **asdict(figure),
            "reports_per_second": round(figure.rate),
            "processor_us": round(figure.cost, 1),
            "ratio": found and round(found, 3),
        }
        for figure, found in ratios(figures)
    ]
    return {"machine": machine, "rows": rows}


def shown(figures: Sequence[Figure], titles: dict[str, str]) -> Table:
    """The table for people; `titles` by row."""
    table = Table(
        "what", "side", "guarantee", title="One process each, the same topic, interleaved", title_style="bold"
    )
    for name in ("reports/s", "± %", "CPU µs", "posko is"):
        table.add_column(name, justify="right")
    last = ""
    for figure, found in ratios(figures):
        if figure.row != last and last:
            table.add_section()
        title = titles.get(figure.row, figure.row) if figure.row != last else ""
        table.add_row(title, figure.side, figure.guarantee, *_numbers(figure, found))
        last = figure.row
    return table


def _numbers(figure: Figure, found: float | None) -> tuple[str, ...]:
    if figure.failed:
        return "failed", "", "", ""
    quick = "" if found is None or figure.side == OURS else f"{found:.2f} x"
    return (
        f"{figure.rate:,.0f}",
        f"{100 * figure.spread:.0f}",
        f"{figure.cost:.0f}",
        f"[{'green' if found and found > 1 else 'red'}]{quick}",
    )
