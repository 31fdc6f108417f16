"""The watch over a partition's incidents: missed deadlines, groups to notify, silences that end. Time comes from ticks
and actions; there is no clock here."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

from posko.incident import logged
from posko.life import deadlines
from posko.life.agenda import Agenda
from posko.life.groups import Groups, Notice, family, key_of
from posko.life.rules import Rules
from posko.life.silences import Silence, Silences
from posko.life.wording import Clock

ACTOR = "posko"
NOTED = 50  # ids named in a notification
A_TICK = 1000  # things done at one tick, some 100 ms; what is left is due at the next
TIME, GROUP, SILENCE = b"l", b"g", b"s"  # kinds of changelog entries
_DEADLINE, _NOTIFY, _UNMUTE = "d", "g", "s"
LEVEL_NAMES = ("kecamatan", "kabupaten/kota", "provinsi")
_CAUSES = {deadlines.ACK: "belum ditangani", deadlines.RESOLVE: "belum selesai"}


class Watched(Protocol):
    """What is used of an incident's record."""

    id: str
    group: str  # the notification group it waits in, "" for none
    notified: int  # highest level at which somebody was told, -1 for none

    @property
    def public(self) -> dict[str, Any]: ...


class Waiting(NamedTuple):
    """What has to be known of an incident after a restart: `group` it waits in, "" for none; when it escalates (ms),
    None for never; for the group: severity, opening (ms), whether somebody was told at its level."""

    group: str
    due: int | None
    severity: int
    opened_at: int
    told: bool


class Desk(Protocol):
    """Where records are."""

    def record(self, incident_id: str) -> Any: ...

    def changed(self, record: Any) -> None: ...


class Watch:
    """`run` does what is due; `see` has to be called after every change of an incident that may move a deadline or its
    group."""

    def __init__(self, desk: Desk, rules: Rules, clock: Clock) -> None:
        self._desk, self._rules, self._clock = desk, rules, clock
        self._agenda = Agenda()
        self.groups = Groups(rules.notifications, clock)
        self.silences = Silences()
        self.now = 0
        self._entries: dict[bytes, bytes | None] = {}

    def next_due(self) -> int | None:
        """The moment (ms) at which a tick is needed, None when nothing is planned."""
        return self._agenda.first()

    def see(self, record: Watched, at: int) -> None:
        """Bring deadline and group of an incident up to date; it changed at `at` (ms)."""
        state = record.public
        self._agenda.set(_DEADLINE, record.id, state["escalate_at"])
        key = key_of(state)
        if record.group and record.group != key:
            self.groups.leave(record.group, record.id)
        record.group = key
        if key:
            told = record.notified >= state["escalation"]
            self.groups.enter(key, record.id, state["severity"], state["opened_at"], told, at)
        self._replan()

    def forget(self, record: Watched) -> None:
        """The incident is dropped from memory."""
        self._agenda.set(_DEADLINE, record.id, None)
        if record.group:
            self.groups.leave(record.group, record.id)
            record.group = ""
            self._replan()

    def run(self, until: int, most: int | None = None) -> None:
        """It is `until` (ms) now, or later as already known: do what is due, in order; of it `most` at most."""
        if until > self.now:
            self.now = until
            self._entries[TIME] = until.to_bytes(8)
        done = 0
        while done != most and (due := self._agenda.pop(self.now)):
            done += 1
            _, what, whose = due
            if what == _DEADLINE:
                self._miss(whose)
            elif what == _NOTIFY:
                self._notify(whose)
            else:
                self._unmute(whose)
            self._replan()

    def mute(self, silence: Silence) -> None:
        """Nobody is notified of its target until its end."""
        self.silences.add(silence)
        self._agenda.set(_UNMUTE, silence.silence_id, silence.until)
        self._entries[SILENCE + silence.silence_id.encode()] = silence.packed()

    def unmute(self, target: str) -> int:
        """End the silences of a target now; how many there were."""
        found = self.silences.of(target)
        for silence in found:
            self._agenda.set(_UNMUTE, silence.silence_id, None)
            self._unmute(silence.silence_id)
        self._replan()
        return len(found)

    def entries(self) -> dict[bytes, bytes | None]:
        """What has changed since the last call, for the changelog."""
        entries, self._entries = self._entries, {}
        return entries

    def restore(self, key: bytes, value: bytes) -> bool:
        """Take an entry of the changelog; whether it is one of ours. Groups and silences before `restored`."""
        kind, name = key[:1], key[1:].decode("utf-8", "replace")
        if key == TIME:
            self.now = int.from_bytes(value)
        elif kind == GROUP:
            self.groups.restore(name, value)
        elif kind == SILENCE:
            silence = Silence.unpacked(value)
            self.silences.add(silence)
            self._agenda.set(_UNMUTE, silence.silence_id, silence.until)
        else:
            return False
        return True

    def restore_record(self, incident: str, one: Waiting) -> None:
        """An incident as the changelog has it; after groups."""
        self._agenda.set(_DEADLINE, incident, one.due)
        if one.group:
            group = self.groups.add(one.group, incident, one.severity, one.opened_at, one.told)
            self._agenda.set(_NOTIFY, one.group, group.next_at)

    def _replan(self) -> None:
        """Groups that changed: their moment on the agenda, their entry in the changelog."""
        for key in self.groups.changed:
            group = self.groups.get(key)
            self._agenda.set(_NOTIFY, key, group.next_at if group else None)
            self._entries[GROUP + key.encode()] = group.packed() if group else None
        self.groups.changed.clear()

    def _miss(self, incident: str) -> None:
        record = self._desk.record(incident)
        state = record.public
        step, rose = deadlines.missed(state)
        state["version"] += 1
        level = LEVEL_NAMES[state["escalation"]]
        what = f"{_CAUSES[step.cause]} sampai {self._clock.time(step.due)}"
        logged(
            state, self.now, ACTOR, "escalate" if rose else "overdue",
            f"{what}; naik ke tingkat {level}" if rose else f"{what}; sudah di tingkat {level}",
            value=str(state["escalation"]), cause=step.cause, due=step.due,
        )  # fmt: skip
        self._desk.changed(record)
        self.see(record, self.now)

    def _notify(self, key: str) -> None:
        notice = self.groups.fire(key, self.now, self.silences)
        if notice is None:
            return
        for incident in notice.fresh:
            record = self._desk.record(incident)
            record.notified = record.public["escalation"]
            self._desk.changed(record)
        anchor = self._desk.record((notice.fresh or notice.incidents)[0])
        state = anchor.public
        state["version"] += 1
        logged(state, self.now, ACTOR, "notified", self._said(notice, state), value=notice.reason, group=_told(notice))
        self._desk.changed(anchor)

    def _said(self, notice: Notice, state: dict[str, Any]) -> str:
        """The notification in one sentence."""
        area = next((part for part in state["place_name"].split(", ") if part.startswith("Kec.")), state["place_name"])
        count, name = len(notice.incidents), self._rules.name(state)
        where = f" di {area}" if area else ""
        new = f", {len(notice.fresh)} baru" if notice.fresh and len(notice.fresh) < count else ""
        level = LEVEL_NAMES[state["escalation"]]
        return f"{count} insiden {name}{where} menunggu tindakan{new}; tingkat {level}"

    def _unmute(self, silence_id: str) -> None:
        silence = self.silences.remove(silence_id)
        if silence is None:
            return
        self._entries[SILENCE + silence_id.encode()] = None
        record = self._desk.record(silence.incident_id)
        target = silence.target if "|" in silence.target else family(record.public) if record else ""
        self.groups.hasten(target, self.now)


def _told(notice: Notice) -> dict[str, Any]:
    category, kind, area, level = notice.key.split("|")
    return {
        "category": category, "kind": kind, "area": area, "level": int(level), "severity": notice.severity,
        "count": len(notice.incidents), "fresh": len(notice.fresh), "incidents": notice.incidents[:NOTED],
    }  # fmt: skip
