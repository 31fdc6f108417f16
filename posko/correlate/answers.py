"""What is answered to a report: the incident, why, and whether it was received before."""

from __future__ import annotations

from typing import Any

from posko.correlate.choice import Choice
from posko.correlate.record import Record


def same_id() -> Choice:
    """For a report whose id was received before."""
    return Choice(None, 1.0, [{"what": "same_id", "score": 1.0, "detail": "this report_id was received before"}])


def own_words(record: Record) -> Choice:
    """For a report in which a person says the same again about `record`."""
    detail = f"the same person's own words about {record.id}, near in time and at the same place"
    return Choice(None, 1.0, [{"what": "own_words", "score": 1.0, "detail": detail}])


def matched(
    report: dict[str, Any], incident: str, match: str, choice: Choice, conflict: bool | None = None
) -> dict[str, Any]:
    """The message of `reports.matched`. `conflict`: the id was received before, with other content or not."""
    return {
        **report,
        "incident_id": incident,
        "match": match,
        "score": choice.score,
        "reasons": choice.reasons,
        "duplicate": conflict is not None,
        "conflict": bool(conflict),
    }
