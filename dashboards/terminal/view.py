"""The live terminal view: pure functions from figures to something rich can draw."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

BLOCKS = " ▁▂▃▄▅▆▇█"
CATEGORY_STYLES = {"logistics": "dark_orange", "security": "red", "hoax": "magenta", "asn_neutrality": "dodger_blue1"}
SEVERITY_STYLES = {5: "bold white on red", 4: "bold red", 3: "yellow", 2: "green", 1: "dim"}


@dataclass
class Figures:
    """What the view shows at one moment. Rates are reports a second, latencies milliseconds from receipt to stored."""

    seconds: float = 0.0  # since the day began to play
    simulated: datetime | None = None  # the officers' clock
    sent: int = 0
    share: float = 0.0  # of the day that has been played
    totals: dict[str, int] = field(default_factory=dict)  # reports, incidents, open, resends, rejected
    rates: list[float] = field(default_factory=list)  # stored a second, one a poll
    p50: float | None = None
    p99: float | None = None
    lag: dict[str, int] = field(default_factory=dict)  # stage -> messages waiting
    categories: list[dict[str, Any]] = field(default_factory=list)  # category, name, open, incidents
    newest: list[dict[str, Any]] = field(default_factory=list)
    trouble: str = ""


def render(figures: Figures, width: int = 100) -> RenderableType:
    """The whole view as one renderable, newest first, for a terminal `width` columns wide."""
    parts: list[RenderableType] = [_head(figures), _numbers(figures), _categories(figures, width), _newest(figures)]
    if figures.trouble:
        parts.append(Text(figures.trouble, style="bold red"))
    return Group(*parts)


def _head(figures: Figures) -> RenderableType:
    line = Text("Posko", style="bold")
    if figures.simulated is not None:
        line.append(f"   officers' clock {figures.simulated:%a %d %b %H:%M}", style="bold cyan")
    line.append(
        f"   {figures.sent:,} messages sent, {figures.share:.0%} of the day, {figures.seconds:.0f} s", style="dim"
    )
    return line


def _numbers(figures: Figures) -> RenderableType:
    table = Table(box=box.SIMPLE_HEAD, expand=True, pad_edge=False)
    rate = figures.rates[-1] if figures.rates else 0.0
    waiting = sum(figures.lag.values())
    cells = [
        ("reports/s", f"{rate:,.0f}  {sparkline(figures.rates[-24:])}"),
        ("stored", f"{figures.totals.get('reports', 0):,}"),
        ("resent", f"{figures.totals.get('resends', 0):,}"),
        ("rejected", f"{figures.totals.get('rejected', 0):,}"),
        ("incidents", f"{figures.totals.get('incidents', 0):,}"),
        ("lag", f"{waiting:,}"),
        ("p50 / p99", f"{_ms(figures.p50)} / {_ms(figures.p99)}"),
    ]
    for name, _ in cells:
        table.add_column(name, justify="right", no_wrap=True)
    table.add_row(*(value for _, value in cells), style="bold")
    return table


def _categories(figures: Figures, width: int) -> RenderableType:
    most = max((row["incidents"] for row in figures.categories), default=1) or 1
    room = max(10, width - 44)
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(no_wrap=True)
    for row in figures.categories:
        bar = "█" * max(1, round(room * row["incidents"] / most))
        table.add_row(
            row["name"], f"{row['incidents']:,}", Text(bar, style=CATEGORY_STYLES.get(row["category"], "white"))
        )
    return Panel(table, title="incidents by category", title_align="left", box=box.ROUNDED, border_style="dim")


def _newest(figures: Figures) -> RenderableType:
    table = Table(box=None, expand=True, pad_edge=False, header_style="dim")
    table.add_column("severity", justify="center", no_wrap=True)
    table.add_column("incident", no_wrap=True, overflow="ellipsis", ratio=1)
    table.add_column("voices", justify="right", no_wrap=True)
    table.add_column("institutions", justify="right", no_wrap=True)
    for row in figures.newest:
        severity = int(row["severity"])
        table.add_row(
            Text(f" {severity} ", style=SEVERITY_STYLES.get(severity, "")),
            str(row["title"]),
            str(row["reporters"]),
            str(row["institutions"]),
        )
    return Panel(table, title="newest incidents", title_align="left", box=box.ROUNDED, border_style="dim")


def sparkline(values: list[float]) -> str:
    """A row of block characters, one a value, the highest as a full block; "" for no values."""
    top = max(values, default=0.0)
    return "".join(BLOCKS[round(8 * value / top)] if top > 0 else BLOCKS[0] for value in values)


def _ms(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f} ms"
