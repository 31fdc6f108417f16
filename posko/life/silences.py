"""Silences: for a while nobody is notified of an incident, or of a whole group; deadlines and escalation go on.

Each has an author, a reason and an end, and is an event of the incident it was asked for.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import orjson

MOST = 200  # in one partition at a time


@dataclass(frozen=True, slots=True)
class Silence:
    """`target`: an incident's id, or a group's without its level. `until`: ms. `silence_id`: the action's id."""

    silence_id: str
    incident_id: str
    target: str
    author: str
    institution: str
    why: str
    until: int

    def packed(self) -> bytes:
        return orjson.dumps(asdict(self))

    @classmethod
    def unpacked(cls, value: bytes) -> Silence:
        fields: dict[str, Any] = orjson.loads(value)
        return cls(**fields)


class Silences:
    """The silences that hold now."""

    def __init__(self) -> None:
        self._by_id: dict[str, Silence] = {}

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Any:
        return iter(self._by_id.values())

    def add(self, silence: Silence) -> None:
        self._by_id[silence.silence_id] = silence

    def remove(self, silence_id: str) -> Silence | None:
        return self._by_id.pop(silence_id, None)

    def of(self, target: str) -> list[Silence]:
        """Those with this target."""
        return [silence for silence in self._by_id.values() if silence.target == target]

    def until(self, incident: str, group: str, now: int) -> int | None:
        """When an incident of this group (without its level) will be heard again; None when it is not silenced."""
        ends = [one.until for one in self._by_id.values() if one.until > now and one.target in (incident, group)]
        return max(ends, default=None)
