"""Groups for notification: incidents of one kind, in one kecamatan, at one level, that wait for somebody.

As in Prometheus Alertmanager: a group is told `wait_s` after its first incident, what is added is told `interval_s`
later, and a group that only waits is told again each `repeat_s`. A group that nobody waits in is forgotten.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson

from posko.catalog import Notifications
from posko.life.deadlines import AWAITING, CLOSED
from posko.life.silences import Silences
from posko.life.wording import Clock

DAY_MINUTES = 24 * 60


@dataclass(slots=True)
class Group:
    """`firing`: incident -> its severity, when it opened, and whether somebody was told of it at this level."""

    firing: dict[str, tuple[int, int, bool]] = field(default_factory=dict)
    sent: int = 0
    repeats: int = 0
    last_at: int = 0
    next_at: int | None = None

    def packed(self) -> bytes:
        return orjson.dumps([self.sent, self.repeats, self.last_at, self.next_at])

    def take(self, value: bytes) -> None:
        self.sent, self.repeats, self.last_at, self.next_at = orjson.loads(value)

    def worst(self, members: list[str]) -> list[str]:
        """Most severe first, then the oldest."""
        return sorted(members, key=lambda one: (-self.firing[one][0], self.firing[one][1], one))

    def is_fresh(self, incident: str) -> bool:
        """Whether nobody was told of it at this level."""
        return not self.firing[incident][2]


@dataclass(frozen=True, slots=True)
class Notice:
    """A notification: `reason` is `new`, `more` or `repeat`; `incidents` all that wait and are not silenced, the worst
    first; `fresh` those told for the first time."""

    reason: str
    key: str
    incidents: list[str]
    fresh: list[str]
    severity: int


def waits(state: dict[str, Any]) -> bool:
    """Whether somebody has to be told: nobody took it on yet, or it should be resolved by now."""
    if state["status"] in CLOSED:
        return False
    return state["status"] in AWAITING or bool(state["missed"][1])


def key_of(state: dict[str, Any]) -> str:
    """The group of an incident that waits, `""` of one that does not."""
    return f"{family(state)}|{state['escalation']}" if waits(state) else ""


def family(state: dict[str, Any]) -> str:
    """The group without its level: category, kind, kecamatan or the smallest region known above it."""
    area = state["district"] or state["regency"] or state["province"] or state["scope"]
    return f"{state['category']}|{state['kind']}|{area}"


class Groups:
    """All groups of a partition. Nothing here knows records: incidents are ids."""

    def __init__(self, rules: Notifications, clock: Clock) -> None:
        self._rules, self._clock = rules, clock
        self._groups: dict[str, Group] = {}
        self._quiet = _minutes(rules.quiet_from), _minutes(rules.quiet_to)
        self.changed: set[str] = set()  # keys whose entry or next moment has changed

    def __len__(self) -> int:
        return len(self._groups)

    def get(self, key: str) -> Group | None:
        return self._groups.get(key)

    def add(self, key: str, incident: str, severity: int, opened_at: int, told: bool) -> Group:
        """An incident waits in this group; nothing is planned."""
        group = self._groups.setdefault(key, Group())
        known = group.firing.get(incident)
        group.firing[incident] = severity, opened_at, told and (known is None or known[2])
        return group

    def enter(self, key: str, incident: str, severity: int, opened_at: int, told: bool, at: int) -> None:
        """An incident waits in this group from `at` (ms) on: plan when the group is told."""
        known = self._groups.get(key)
        was_there = known is not None and incident in known.firing
        group = self.add(key, incident, severity, opened_at, told)
        if told or was_there:
            return
        after = group.last_at + self._rules.interval_s * 1000 if group.sent else 0
        due = max(at + self._rules.wait_s * 1000, after)
        self._plan(key, group, due if group.next_at is None else min(due, group.next_at))

    def leave(self, key: str, incident: str) -> None:
        """The incident does not wait here any more."""
        group = self._groups.get(key)
        if group is None:
            return
        group.firing.pop(incident, None)
        if not group.firing:
            del self._groups[key]
            self.changed.add(key)

    def hasten(self, family: str, at: int) -> None:
        """A silence ended: groups of this family that have something to tell do so at `at`."""
        for key, group in self._groups.items():
            if key.rpartition("|")[0] == family and any(map(group.is_fresh, group.firing)):
                self._plan(key, group, at if group.next_at is None else min(at, group.next_at))

    def fire(self, key: str, now: int, silences: Silences) -> Notice | None:
        """What a group tells at `now`, None when it tells nothing; plans its next moment."""
        group = self._groups.get(key)
        if group is None:
            return None
        family = key.rpartition("|")[0]
        silent = {one: until for one in group.firing if (until := silences.until(one, family, now)) is not None}
        heard = [one for one in group.firing if one not in silent]
        fresh = [one for one in heard if group.is_fresh(one)]
        again = group.last_at + self._rules.repeat_s * 1000
        repeating = bool(group.sent and heard and group.repeats < self._rules.repeats)
        told = group.worst(fresh or heard)
        if not fresh and not (repeating and now >= again):
            ends = [until for one, until in silent.items() if group.is_fresh(one)]
            self._plan(key, group, min([*ends, *([again] if repeating else [])], default=None))
            return None
        severity = group.firing[told[0]][0]
        if severity < self._rules.quiet_below and (end := self._quiet_end(now)):
            self._plan(key, group, end)
            return None
        reason = "repeat" if not fresh else "more" if group.sent else "new"
        group.sent += 1
        group.repeats = 0 if fresh else group.repeats + 1
        group.last_at = now
        for one in fresh:
            group.firing[one] = *group.firing[one][:2], True
        self._plan(key, group, now + self._rules.repeat_s * 1000 if self._rules.repeats > group.repeats else None)
        return Notice(reason, key, group.worst(heard), told if fresh else [], severity)

    def restore(self, key: str, value: bytes) -> None:
        """An entry of the changelog; incidents are added afterwards."""
        self._groups.setdefault(key, Group()).take(value)

    def _plan(self, key: str, group: Group, at: int | None) -> None:
        group.next_at = at
        self.changed.add(key)

    def _quiet_end(self, now: int) -> int | None:
        """When the quiet hours end (ms), None outside them."""
        start, end = self._quiet
        minute = self._clock.minute_of_day(now)
        length, gone = (end - start) % DAY_MINUTES, (minute - start) % DAY_MINUTES
        return now + (length - gone) * 60_000 - now % 60_000 if gone < length else None


def _minutes(text: str) -> int:
    hours, _, minutes = text.partition(":")
    return int(hours) * 60 + int(minutes)
