"""Actions on their way into the log: form checked, reports that move read again, the rest rejected with its bytes."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import orjson

from posko import topics
from posko.life import message
from posko.report import Invalid
from streams.names import Names
from streams.triage import Triage
from tests.unit.streams.records import record

ENRICHED, REJECTED = 8, 3
IDS = [str(UUID(int=number)) for number in range(5)]


def action(name: str = "note", **changes: Any) -> bytes:
    content = {
        "action_id": IDS[0], "incident_id": "16.71-AB12CD34EF", "action": name,
        "actor": {"id": "anna", "role": "operator", "institution": "posko"}, "at": "2024-11-27T09:00:00+07:00",
        "detail": {"why": "dicek"},
    } | changes  # fmt: skip
    return json.dumps(content).encode()


def enrich(raw: bytes | None, received_at: int, partition: int, offset: int) -> dict[str, Any]:
    if raw == b"garbage":
        raise Invalid("not_json", "", "no")
    return {"report_id": (raw or b"").decode(), "source_partition": partition, "source_offset": offset}


async def outputs(*values: bytes | None) -> dict[Any, Any]:
    kept = {(1, 7): record(IDS[1].encode(), 7, partition=1), (1, 8): record(b"garbage", 8, partition=1)}

    async def fetch(places: Any) -> dict[Any, Any]:
        return {place: kept[place] for place in places if place in kept}

    step = Triage(enrich, fetch, Names(), ENRICHED, REJECTED)
    given = [record(value, offset, b"16.71", topics.ACTIONS, 4) for offset, value in enumerate(values)]
    return (await step.outputs(given)).lots


def reasons(lots: dict[Any, Any]) -> list[dict[str, str]]:
    return [
        {name: value.decode() for name, value in headers}
        for (topic, _), lot in lots.items()
        if topic == topics.REJECTED
        for _, _, headers in lot
    ]


async def test_an_action_goes_where_its_incidents_reports_go_with_everything_correlate_needs():
    lots = await outputs(action("assign", detail={"to": "budi", "why": "dekat"}))
    [(place, [(key, value, _)])] = lots.items()
    assert place == (topics.ENRICHED, topics.partition_of(b"16.71", ENRICHED))
    assert key == b"16.71"
    found = orjson.loads(value)
    assert (found["type"], found["action"], found["value"], found["why"]) == ("action", "assign", "budi", "dekat")
    assert (found["source_partition"], found["source_offset"], found["received_at"]) == (4, 0, 1_700_000_000_000)
    assert json.loads(found["original"])["detail"]["to"] == "budi"
    assert message.step_of(found).who == {"action_id": IDS[0], "role": "operator", "institution": "posko"}


async def test_what_is_no_action_is_rejected_with_its_bytes_and_the_next_one_goes_through():
    wrong = [
        None, b"", b"{", b"[]", b"{}", action("explode"), action(at="2024-11-27T09:00:00"), action(action_id="x"),
        action(incident_id="16.71"), action("severity", detail={"severity": "5", "why": "x"}),
        action("silence", detail={"minutes": 10**9, "why": "x"}), action(detail={"why": 5}),
        action("split", detail={"why": "x"}), action("split", detail={"why": "x", "reports": []}), b"x" * 70_000,
    ]  # fmt: skip
    lots = await outputs(*wrong, action())
    assert len(reasons(lots)) == len(wrong)
    assert {reason["topic"] for reason in reasons(lots)} == {topics.ACTIONS}
    assert sum(len(lot) for (topic, _), lot in lots.items() if topic == topics.ENRICHED) == 1
    raw = [value for (topic, _), lot in lots.items() if topic == topics.REJECTED for _, value, _ in lot]
    assert raw == wrong


def place(report: str, offset: int) -> dict[str, Any]:
    return {"report_id": report, "source_partition": 1, "source_offset": offset}


async def test_reports_that_move_are_read_again_from_where_they_are():
    lots = await outputs(action("split", detail={"why": "x", "reports": [place(IDS[1], 7), place(IDS[1], 7)]}))
    [[(_, value, _)]] = lots.values()
    assert orjson.loads(value)["reports"] == [place(IDS[1], 7)]


async def test_a_place_that_does_not_hold_the_report_is_refused():
    for wrong in (place(IDS[2], 7), place(IDS[1], 8), place(IDS[1], 99)):
        [reason] = reasons(await outputs(action("split", detail={"why": "x", "reports": [wrong]})))
        assert (reason["reason"], reason["field"]) == ("unknown_report", "detail.reports")
