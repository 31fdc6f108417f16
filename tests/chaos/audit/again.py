"""The replay: an undisturbed Correlator, given the same log in batches of its own, says the same of everything."""

from __future__ import annotations

import random
from typing import Any, Protocol

import orjson

from posko.life.acts import Unanswered
from tests.chaos.findings import Findings

MATCHED = "replay: each match is the same"
INCIDENTS = "replay: each incident is the same in the end"
BATCHES = (1, 700)  # records in a batch of the replay


class State(Protocol):
    """What is used of `posko.correlate.Correlator`."""

    def take(self, report: dict[str, Any]) -> dict[str, Any]: ...
    def take_tick(self, tick: dict[str, Any]) -> None: ...
    def take_action(self, action: dict[str, Any]) -> list[dict[str, Any]]: ...
    def flush(self) -> Any: ...


class Replay:
    """The replay of one partition: `take` for each record of its log, in order; then `finish`."""

    def __init__(self, state: State, rng: random.Random, found: Findings) -> None:
        self._state, self._rng, self._found = state, rng, found
        self._left = rng.randint(*BATCHES)
        self.incidents: dict[str, bytes] = {}

    def take(self, record: dict[str, Any]) -> list[dict[str, Any]]:
        """Take a report, an action or a tick; what `reports.matched` should have of it."""
        said = [orjson.loads(orjson.dumps(one)) for one in self._said(record)]
        self._left -= 1
        if not self._left:
            self._flush()
        return said

    def compare(self, mine: dict[str, Any], theirs: dict[str, Any] | None) -> None:
        """Compare with the message that a worker wrote; None: there is no further one."""
        check = self._found.check(MATCHED)
        check.looked += 1
        if theirs is None:
            check.add("lost", f"{mine['report_id']} is matched in the replay only")
        elif theirs != mine:
            check.add("wrong", f"{mine['report_id']}: {differing(theirs, mine)}")

    def surplus(self, theirs: dict[str, Any]) -> None:
        """A match that has no record in the log."""
        self._found.check(MATCHED).add("wrong", f"{theirs['report_id']} is matched once more than in the replay")

    def finish(self, incidents: dict[str, bytes]) -> None:
        """Compare with the last state of each incident in the partition."""
        self._flush()
        check = self._found.check(INCIDENTS)
        for name, mine in self.incidents.items():
            check.looked += 1
            if name not in incidents:
                check.add("lost", f"{name} exists in the replay only")
            elif (theirs := orjson.loads(incidents[name])) != (mine_ := orjson.loads(mine)):
                check.add("wrong", f"{name}: {differing(theirs, mine_)}")
        for name in incidents.keys() - self.incidents.keys():
            check.add("wrong", f"{name} does not exist in the replay")

    def _said(self, record: dict[str, Any]) -> list[dict[str, Any]]:
        kind = record.get("type")
        if kind == "tick":
            self._state.take_tick(record)
            return []
        if kind == "action":
            try:
                return self._state.take_action(record)
            except Unanswered:
                return []
        return [self._state.take(record)]

    def _flush(self) -> None:
        for incident in self._state.flush().incidents:
            self.incidents[incident["incident_id"]] = orjson.dumps(incident)
        self._left = self._rng.randint(*BATCHES)


def is_for_later(record: dict[str, Any]) -> bool:
    """Whether a record that no worker got to before all were stopped may stay there: a clock record, which can be
    written in that very moment and is worked on when they start again. A report or an action there would be lost."""
    return record.get("type") == "tick"


def differing(one: dict[str, Any], other: dict[str, Any]) -> str:
    """The fields in which two messages differ, with both values."""
    fields = [name for name in {**one, **other} if one.get(name) != other.get(name)]
    return "; ".join(f"{name} is {one.get(name)!r:.80}, should be {other.get(name)!r:.80}" for name in fields)
