"""The truth: which event each report is about."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from posko.evaluate.errors import EvaluationError
from posko.evaluate.reading import Row, first, rows

REPORT = ("report_id", "report", "id", "uuid")
EVENT = ("event", "event_id", "incident", "incident_id", "cluster", "cluster_id", "group", "label")
RECEIVED = ("received_at", "received")
TRAP = ("trap", "traps", "trap_group")


@dataclass(slots=True)
class Truth:
    """All by report_id. `received_at`: ms, where the file says it, of the first time that an id came; `trap`: reports
    with the same mark look alike."""

    event_of: dict[str, str] = field(default_factory=dict)
    received_at: dict[str, int] = field(default_factory=dict)
    trap: dict[str, str] = field(default_factory=dict)


def load(path: Path) -> Truth:
    """Read a truth as CSV or JSON lines; docs/evaluation.md names the columns.

    A report without an event is processed and not judged. The file of `posko simulate --truth` is understood as well.
    Raises EvaluationError when a row has no report, when a report has two events, or when no report has an event.
    """
    truth = Truth()
    for where, row in rows(path):
        if "truth" in row and not first(row, REPORT):
            continue  # the header of a simulated day
        _take(truth, where, row)
    if not truth.event_of:
        raise EvaluationError(
            f"{path} gives no report an event; expected a column {', '.join(REPORT)} and one of {', '.join(EVENT)}"
        )
    return truth


def _take(truth: Truth, where: str, row: Row) -> None:
    report, event = first(row, REPORT).lower(), first(row, EVENT)
    if not report:
        if "expected" in row:
            return  # garbage of a simulated day that has no id
        raise EvaluationError(f"{where}: no report; expected a column {', '.join(REPORT)}")
    if event and row.get("expected") != "rejected" and truth.event_of.setdefault(report, event) != event:
        raise EvaluationError(f"{where}: {report} already belongs to {truth.event_of[report]}, not {event}")
    if mark := first(row, TRAP):
        truth.trap[report] = mark
    # A simulated day says `at`. Without it, phones whose clocks are years ahead would move the stream's time.
    if at := first(row, (*RECEIVED, "at") if "expected" in row else RECEIVED):
        truth.received_at.setdefault(report, moment(at, where))


def moment(text: str, where: str) -> int:
    """Milliseconds since 1970 UTC from digits or from ISO 8601 with offset. Raises EvaluationError."""
    if text.isdecimal():
        return int(text)
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise EvaluationError(f"{where}: {text!r} is no time; expected ISO 8601 with offset, or milliseconds")
    return int(at.timestamp() * 1000)
