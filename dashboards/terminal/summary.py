"""The day's summary: what was sent against what is stored, how fast, and how well reports were matched to events."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from dashboards.terminal.errors import DemoError
from dashboards.warehouse import Warehouse
from posko.settings import Settings


@dataclass(frozen=True)
class Day:
    """The figures of one day. Latencies in milliseconds from the moment of sending to the moment of storing."""

    messages: int
    reports: int
    resent: int
    rejected: int
    stored: int
    incidents: int
    lost: int
    doubled: int
    unaccounted: int  # messages that are neither a report nor a resend nor rejected
    inconsistent: int  # incidents whose counts differ from what their reports add up to
    p50: float | None
    p99: float | None
    precision: float
    recall: float

    @property
    def sound(self) -> bool:
        """Whether nothing was lost, doubled or miscounted."""
        return self.stored > 0 and not (self.lost or self.doubled or self.unaccounted or self.inconsistent)


def of_the_day(settings: Settings, truth: Path, environment: dict[str, str]) -> Day:
    """Compare what the simulator says it sent (`truth`) with what ClickHouse holds.

    Raises DemoError when it cannot be scored.
    """
    warehouse = Warehouse(settings)
    try:
        rows = warehouse.ask("assignments")
        totals = warehouse.ask("totals")[0]
        inconsistent = len(warehouse.ask("inconsistent_incidents"))
    finally:
        warehouse.close()
    score = _score(environment, truth, "".join(f"{row['report_id']}\t{row['incident_id']}\n" for row in rows))
    with truth.open(encoding="utf-8") as lines:
        sent = json.loads(next(lines))["totals"]["sent"]
    accounted = totals["reports"] + totals["resends"] + totals["rejected"]
    waits = sorted(_waits(truth, {row["report_id"]: row["stored_ms"] for row in rows}))
    return Day(
        messages=sent,
        reports=score["reports"],
        resent=totals["resends"],
        rejected=totals["rejected"],
        stored=totals["reports"],
        incidents=totals["incidents"],
        lost=score["lost"],
        doubled=score["doubled"],
        unaccounted=abs(sent - accounted),
        inconsistent=inconsistent,
        p50=quantile(waits, 0.50),
        p99=quantile(waits, 0.99),
        precision=score["precision"],
        recall=score["recall"],
    )


def _score(environment: dict[str, str], truth: Path, assignments: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "posko", "truth", "score", "--truth", str(truth), "--json", "-"],
        env=environment,
        input=assignments,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in (0, 1):  # 1: scored, and something is not as it should be
        raise DemoError(f"The day could not be scored: {done.stderr.strip()}")
    score: dict[str, Any] = json.loads(done.stdout)
    return score


def _waits(truth: Path, stored: dict[str, int]) -> Iterator[float]:
    """Milliseconds from the first sending of each report to its storing."""
    seen: set[str] = set()
    with truth.open(encoding="utf-8") as lines:
        for line in lines:
            message = json.loads(line)
            report_id, sent_at = message.get("report_id"), message.get("sent_at")
            if report_id in stored and sent_at and report_id not in seen:
                seen.add(report_id)
                yield stored[report_id] - sent_at


def quantile(ordered: list[float], q: float) -> float | None:
    """The nearest-rank quantile of ascending values; None for none."""
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))] if ordered else None


def render(day: Day) -> RenderableType:
    """The summary for people, with one plain sentence as its end."""
    table = Table(box=box.SIMPLE_HEAD, title="The day", title_justify="left", show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for name, value in (
        ("messages sent", f"{day.messages:,}"),
        ("reports sent (each counted once)", f"{day.reports:,}"),
        ("sent again by phones, recognised", f"{day.resent:,}"),
        ("no valid report, kept with the reason", f"{day.rejected:,}"),
        ("reports stored", f"{day.stored:,}"),
        ("incidents", f"{day.incidents:,}"),
        ("from sending to stored, p50 / p99", f"{day.p50 or 0:,.0f} / {day.p99 or 0:,.0f} ms"),
        ("match precision / recall against the truth", f"{day.precision:.3f} / {day.recall:.3f}"),
        ("reports lost / doubled", f"{day.lost:,} / {day.doubled:,}"),
        ("messages unaccounted for / incidents miscounted", f"{day.unaccounted:,} / {day.inconsistent:,}"),
    ):
        table.add_row(name, value)
    verdict = (
        Text("Nothing was lost and nothing was counted twice.", style="bold green")
        if day.sound
        else Text("Something was lost, doubled or miscounted: see the lines above.", style="bold red")
    )
    return Group(table, verdict)
