"""What a person sees of a run: bars for what is under way, a line for each blow, tables in the end."""

from __future__ import annotations

from statistics import median
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from tests.chaos.findings import FAULTS, Findings
from tests.chaos.strike import Away

SHOWN = {"strike", "back", "not back", "went on", "not reached", "continued"}


class Screen:
    """Used as a context manager."""

    def __init__(self, console: Console) -> None:
        self.console = console
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[said]}"),
        )
        self._progress = Progress(*columns, TimeElapsedColumn(), console=console, transient=True)
        self._task: TaskID | None = None

    def __enter__(self) -> Screen:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def step(self, what: str, total: float | None = None) -> None:
        """Something begins; `total` when it can be counted."""
        if self._task is not None:
            self._progress.remove_task(self._task)
        self._task = self._progress.add_task(what, total=total, said="")
        if not self.console.is_terminal:
            self.console.print(what)

    def update(self, completed: float, said: str = "", total: float | None = None) -> None:
        """How far it is."""
        if self._task is not None:
            self._progress.update(self._task, completed=completed, said=said, total=total)

    def event(self, seconds: float, event: str, fields: dict[str, Any]) -> None:
        """Something happened, `seconds` after the run began."""
        if event not in SHOWN:
            return
        number = fields.get("number", "")
        about = fields.get("what") or fields.get("service") or fields.get("point") or ""
        took = f" after {fields['seconds']:.1f} s" if "seconds" in fields else ""
        said = about if event == "strike" else f"{about}: {event}{took}"
        self.console.print(f"{seconds:7.1f} s  {number:>3}  {said}", highlight=False, markup=False)


def recoveries(away: dict[str, Away]) -> Table:
    """How long services were away, from the blow until they were ready again."""
    table = Table("service", title="Back after a blow", title_justify="left")
    for column in ("alone", "p50 s", "max s", "amid other blows", "p50 s", "max s"):
        table.add_column(column, justify="right")
    for name, seconds in sorted(away.items()):
        table.add_row(name, *_spread(seconds.alone), *_spread(seconds.amid))
    return table


def _spread(seconds: list[float]) -> tuple[str, str, str]:
    return ("0", "", "") if not seconds else (str(len(seconds)), f"{median(seconds):.1f}", f"{max(seconds):.1f}")


def findings(found: Findings) -> Table:
    """Each promise, how much it was checked for, and the faults."""
    table = Table("promise", title="Audit", title_justify="left")
    for column in ("looked at", *FAULTS):
        table.add_column(column, justify="right")
    for promise, check in found.checks.items():
        faults = [f"[red]{check.faults[fault]:,}[/]" if check.faults[fault] else "0" for fault in FAULTS]
        table.add_row(promise, f"{check.looked:,}", *faults)
    return table
