"""Reports through the functions that the stream runs, all in this process: what each became, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from posko import topics
from posko.context import Context
from posko.correlate import Correlator
from posko.evaluate.errors import EvaluationError
from posko.evaluate.reading import lines
from posko.intake import Intake
from posko.report import Invalid

PARTITIONS = 4  # as the stream has several; a scope is always in one, so their number changes nothing
BATCH = 200  # reports between two ends of a batch, as the stream has them; changes nothing either
ON_THE_WAY_MS = 5_000  # from the device's clock to the broker when nobody says when a report was received


class Refused(NamedTuple):
    """A report that intake rejects. `report_id` is `""` when it has none that can be read."""

    line: int
    report_id: str
    reason: str
    field: str
    detail: str


@dataclass(slots=True)
class Run:
    """`matched`: the first message of each report_id, in order of arrival. `resent`: how many repeated an id."""

    matched: dict[str, dict[str, Any]] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    resent: int = 0

    def incidents(self) -> dict[str, str]:
        """Report -> incident."""
        return {report: message["incident_id"] for report, message in self.matched.items()}


def run(path: Path, context: Context, received_at: Mapping[str, int]) -> Run:
    """Run the reports of a file of JSON lines, which arrive in the order of the file.

    `received_at` (ms, by report_id) says when the broker got a report; else five seconds after `reported_at`. Raises
    EvaluationError when the file cannot be read.
    """
    intake = Intake(context.election, context.catalog, context.regions)
    correlators = [Correlator(context.catalog) for _ in range(PARTITIONS)]
    result = Run()
    content = lines(path)
    if not content:
        raise EvaluationError(f"{path} is empty; expected one report a line, as JSON (docs/report.md)")
    for number, raw in enumerate(content, 1):
        report_id, reported_at = _glance(raw)
        at = received_at.get(report_id, reported_at + ON_THE_WAY_MS)
        try:
            enriched = intake.enrich(raw, at, 0, number)
        except Invalid as refused:
            result.refused.append(Refused(number, report_id, refused.reason, refused.field, refused.detail))
            continue
        correlator = correlators[topics.partition_of(enriched["scope"].encode(), PARTITIONS)]
        message = correlator.take(enriched)
        if message["duplicate"]:
            result.resent += 1
        else:
            result.matched[message["report_id"]] = message
        if number % BATCH == 0:
            for one in correlators:
                one.flush()
    return result


def _glance(raw: bytes) -> tuple[str, int]:
    """Id and time of a report that may be broken: `""` and 0 where they cannot be read; intake says what is wrong."""
    try:
        report = orjson.loads(raw)
        report_id = str(report.get("report_id", "")).lower()
    except (orjson.JSONDecodeError, AttributeError):
        return "", 0
    try:
        return report_id, int(datetime.fromisoformat(report["reported_at"]).timestamp() * 1000)
    except (KeyError, TypeError, ValueError):
        return report_id, 0
