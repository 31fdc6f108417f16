"""The replay: an undisturbed Correlator, given the same reports in batches of its own, says the same of everything."""

from __future__ import annotations

import random
from typing import Any, Protocol

import orjson

from tests.chaos.findings import Findings

MATCHED = "replay: each match is the same"
INCIDENTS = "replay: each incident is the same in the end"
BATCHES = (1, 700)  # reports in a batch of the replay


class State(Protocol):
    """What is used of `posko.correlate.Correlator`."""

    def take(self, report: dict[str, Any]) -> dict[str, Any]: ...
    def flush(self) -> Any: ...


class Replay:
    """The replay of one partition: `take` for each report and its match, in order; then `finish`."""

    def __init__(self, state: State, rng: random.Random, found: Findings) -> None:
        self._state, self._rng, self._found = state, rng, found
        self._left = rng.randint(*BATCHES)
        self.incidents: dict[str, bytes] = {}

    def take(self, enriched: bytes, matched: bytes | None) -> None:
        """An enriched report, and what the worker made of it."""
        check = self._found.check(MATCHED)
        check.looked += 1
        report = orjson.loads(enriched)
        mine = self._state.take(report)
        if matched is None:
            check.add("lost", f"{report['report_id']} is matched in the replay only")
        elif (theirs := orjson.loads(matched)) != orjson.loads(orjson.dumps(mine)):
            check.add("wrong", f"{report['report_id']}: {differing(theirs, mine)}")
        self._left -= 1
        if not self._left:
            self._flush()

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

    def _flush(self) -> None:
        for incident in self._state.flush().incidents:
            self.incidents[incident["incident_id"]] = orjson.dumps(incident)
        self._left = self._rng.randint(*BATCHES)


def differing(one: dict[str, Any], other: dict[str, Any]) -> str:
    """The fields in which two messages differ, with both values."""
    fields = [name for name in {**one, **other} if one.get(name) != other.get(name)]
    return "; ".join(f"{name} is {one.get(name)!r:.80}, should be {other.get(name)!r:.80}" for name in fields)
