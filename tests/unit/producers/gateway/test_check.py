"""The door refuses what intake would refuse, for the same reason, and nothing else."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from posko import context
from posko.intake import Intake
from posko.report import Invalid
from producers.gateway.check import Check

KNOWN = context.load("sumsel-2024")
DAY = datetime(2024, 11, 27, 12, tzinfo=KNOWN.election.timezone)
YEARS_LATER = int((DAY + timedelta(days=1000)).timestamp() * 1000)
WRONG: list[dict[str, Any]] = [
    {},
    {"text": ""},
    {"category": "weather"},
    {"kind": "rain"},
    {"reporter": {"id": "a", "role": "king", "institution": "kpu"}},
    {"reporter": {"id": "a", "role": "kpps", "institution": "court"}},
    {"area": "16.99"},
    {"tps": "16.71.01.9999/001"},
    {"area": "16.99", "reported_at": "1999-01-01T00:00:00+07:00"},
    {"category": "weather", "area": "16.99"},
    *({"reported_at": (DAY + timedelta(days=366, hours=hours)).isoformat()} for hours in (-13, -1, 0, 1, 13)),
    {"occurred_at": (DAY - timedelta(days=366, seconds=1)).isoformat()},
]


def said(refuse: Any, *rest: Any) -> tuple[str, str] | None:
    try:
        refuse(*rest)
    except Invalid as refused:
        return refused.reason, refused.field
    return None


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_the_door_refuses_what_intake_refuses(wrong: dict[str, Any]) -> None:
    report = {
        "report_id": "0d5b3a52-54c4-4a52-9d0f-6a1d1f0e7c01", "category": "logistics", "text": "logistik belum tiba",
        "reported_at": DAY.isoformat(), "reporter": {"id": "a", "role": "kpps", "institution": "kpu"},
    }  # fmt: skip
    raw = json.dumps(report | wrong).encode()
    intake = Intake(KNOWN.election, KNOWN.catalog, KNOWN.regions)
    assert said(Check(KNOWN), raw, YEARS_LATER) == said(intake.enrich, raw, YEARS_LATER, 0, 0)
