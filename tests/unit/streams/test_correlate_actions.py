"""Reports, actions and ticks in one batch are one commit; what no incident can answer is rejected as what it was."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import orjson

from posko import topics
from posko.life import message
from posko.life.acts import Unanswered
from streams.correlate import Correlate
from streams.names import Names
from streams.turns import Turns
from tests.unit.streams.test_correlate import Held, record


class Noting:
    """A state that notes in which order it was given what."""

    def __init__(self) -> None:
        self.given: list[str] = []

    def take(self, report: dict[str, Any]) -> dict[str, Any]:
        self.given.append("report")
        return {**report, "incident_id": "16-A"}

    def take_tick(self, tick: dict[str, Any]) -> None:
        self.given.append(f"tick {tick['at']}")

    def take_action(self, action: dict[str, Any]) -> list[dict[str, Any]]:
        self.given.append(action["action"])
        if action["action"] == "note":
            raise Unanswered("unknown_incident", "Insiden tidak dikenal.")
        return [{"type": "moved", "incident_id": "16-B"}]

    def flush(self) -> SimpleNamespace:
        return SimpleNamespace(incidents=[{"incident_id": "16-A"}], changelog=[])


def action(name: str) -> dict[str, Any]:
    return {
        "type": "action", "action": name, "source_partition": 2, "source_offset": 77, "received_at": 5,
        "original": '{"action_id": "x"}',
    }  # fmt: skip


async def test_one_batch_in_one_order_with_every_answer_in_its_place():
    given: list[dict[str, Any]] = [{"n": 1}, action("split"), {"type": "tick", "at": 9}, action("note"), {"n": 2}]
    held = Held([record(orjson.dumps(one), n, b"16", topics.ENRICHED, 3) for n, one in enumerate(given)])
    held.state = state = Noting()  # type: ignore[assignment]
    await Correlate(Names(), 4, Turns()).handle(held)  # type: ignore[arg-type]

    assert state.given == ["report", "split", "tick 9", "note", "report"]
    assert [offset for _, offset in held.commits] == [4]
    matched = held.written(topics.MATCHED)
    assert [dict(headers).get("type") for _, _, headers in matched] == [None, b"moved", None]
    [(key, value, headers)] = held.written(topics.REJECTED)
    assert (key, value) == (b"16", b'{"action_id": "x"}')
    told = {name: text.decode() for name, text in headers}
    assert (told["topic"], told["partition"], told["offset"]) == (topics.ACTIONS, "2", "77")
    assert (told["reason"], told["detail"]) == ("unknown_incident", "Insiden tidak dikenal.")


async def test_a_record_of_an_unknown_type_is_rejected_alone():
    held = Held([record(orjson.dumps({"type": "other"}), 0, b"16", topics.ENRICHED, 3)])
    held.state = Noting()  # type: ignore[assignment]

    async def reload() -> None:
        held.state = Noting()  # type: ignore[assignment]

    held.reload = reload  # type: ignore[method-assign]
    await Correlate(Names(), 4, Turns()).handle(held)  # type: ignore[arg-type]
    assert len(held.written(topics.REJECTED)) == 1


async def test_each_clock_record_has_a_commit_of_its_own():
    given = [{"n": 1}, message.tick(9), {"n": 2}, message.tick(10), message.tick(11), {"n": 3}]
    held = Held([record(orjson.dumps(one), n, b"16", topics.ENRICHED, 3) for n, one in enumerate(given)])
    held.state = state = Noting()  # type: ignore[assignment]
    await Correlate(Names(), 4, Turns()).handle(held)  # type: ignore[arg-type]

    assert state.given == ["report", "tick 9", "report", "tick 10", "tick 11", "report"]
    assert [offset for _, offset in held.commits] == [2, 3, 5]
