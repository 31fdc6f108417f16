"""What a person decides: an action against the incident as it is now, and the answer in the incident's log."""

from __future__ import annotations

from typing import Any, Protocol

from posko import incident
from posko.incident import ACTION_NAMES, STATUS_NAMES, Refused, Step
from posko.life import picture
from posko.life.deadlines import MINUTE_MS
from posko.life.groups import family
from posko.life.message import step_of
from posko.life.rules import Rules
from posko.life.silences import MOST, Silence
from posko.life.watch import Watch
from posko.life.wording import Clock

MOST_ABSORBED = 50  # incidents merged into one
MOST_APART = 200  # incidents that a person said are not the same as one

Message = dict[str, Any]


class Unanswered(Exception):
    """An action that no incident's log can answer. `code` for programs; the text is Indonesian."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


class Desk(Protocol):
    """Where records are, and what only the keeper of the reports can do. `split` and `merge` raise Refused before
    anything has changed."""

    def record(self, incident_id: str) -> Any: ...

    def changed(self, record: Any) -> None: ...

    def split(self, record: Any, step: Step, reports: list[Message]) -> list[Message]: ...

    def merge(self, kept: Any, absorbed: Any, step: Step) -> None: ...


class Acts:
    """Takes actions one by one, in the order of the partition's log."""

    def __init__(self, desk: Desk, watch: Watch, rules: Rules, clock: Clock) -> None:
        self._desk, self._watch, self._rules, self._clock = desk, watch, rules, clock

    def take(self, message: Message) -> list[Message]:
        """Do it, or log why not; the reports that moved to another incident. Raises Unanswered.

        What was due before the action came is done first: an acknowledgement that is late comes after its escalation.
        """
        step = step_of(message)
        self._watch.run(step.at)
        record = self._desk.record(message["incident_id"])
        if record is None:
            text = f"Insiden {message['incident_id']} tidak dikenal atau sudah lebih dari 30 hari; periksa nomornya."
            raise Unanswered("unknown_incident", text)
        state = record.public
        if any(event.get("action_id") == step.action_id for event in state["log"]):
            return []
        if len(state["log"]) >= incident.MAX_EVENTS:
            text = f"Riwayat insiden {record.id} penuh ({incident.MAX_EVENTS} langkah); tindakan tidak dicatat lagi."
            raise Unanswered("log_full", text)
        moved: list[Message] = []
        try:
            self._check_version(state, step, message["expected_version"])
            moved = self._do(record, step, message)
        except Refused as refusal:
            record.public, _ = incident.refused(state, step, refusal)
        self._desk.changed(record)
        self._watch.see(record, step.at)
        return moved

    def _check_version(self, state: Message, step: Step, expected: int | None) -> None:
        """Somebody else's step that the actor had not seen: reports that came in meanwhile do not matter."""
        last = state["last_act"]
        if expected is None or last is None or expected >= last["version"]:
            return
        done = ACTION_NAMES[last["action"]]
        who = f"{last['actor']} ({last['institution']})" if last["institution"] else last["actor"]
        raise Refused(
            "stale",
            f"Insiden sudah berubah sejak versi {expected}: {who} {done} pukul {self._clock.time(last['at'])} (versi "
            f"{last['version']}). Status sekarang {STATUS_NAMES[state['status']]}; {step.action} tidak dijalankan.",
        )

    def _do(self, record: Any, step: Step, message: Message) -> list[Message]:
        if step.action == "split":
            incident.check(record.public, step.towards("?"))
            return self._desk.split(record, step, message["reports"])
        if step.action in ("merge", "confirm_link"):
            self._merge(record, step)
        elif step.action == "refuse_link":
            self._refuse_link(record, step)
        elif step.action == "silence":
            self._silence(record, step, message["group"])
        else:
            self._plain(record, step)
        return []

    def _plain(self, record: Any, step: Step) -> None:
        state, minutes = record.public, None
        if step.action == "refer" and step.value and not self._rules.agency(str(step.value)):
            known = ", ".join(self._rules.agencies())
            raise Refused("unknown_agency", f"Instansi {step.value!r} tidak dikenal; yang dikenal: {known}.")
        if step.action == "severity" and step.value in (1, 2, 3, 4, 5):
            minutes = self._rules.minutes(state, int(step.value))
        elif step.action == "reopen":
            minutes = self._rules.minutes(state)
        record.public, _ = incident.apply(state, step, minutes)
        if step.action == "reopen":
            record.notified = -1

    def _merge(self, record: Any, step: Step) -> None:
        incident.check(record.public, step)
        kept = self._other(record, step)
        if step.action == "confirm_link" and not _linked(record.public, kept.public):
            raise Refused("no_link", f"Tidak ada usulan kaitan antara {record.id} dan {kept.id}; pakai merge.")
        if len(kept.public["absorbed"]) + len(record.public["absorbed"]) >= MOST_ABSORBED:
            raise Refused("too_many", f"Ke {kept.id} sudah digabung {MOST_ABSORBED} insiden; tidak dapat lebih.")
        self._desk.merge(kept, record, step)
        self._desk.changed(kept)
        self._watch.see(kept, step.at)

    def _refuse_link(self, record: Any, step: Step) -> None:
        incident.check(record.public, step)
        other = self._other(record, step)
        if not _linked(record.public, other.public):
            raise Refused("no_link", f"Tidak ada usulan kaitan antara {record.id} dan {other.id}.")
        for one, far in ((record, other), (other, record)):
            if far.id not in one.public["apart"] and len(one.public["apart"]) >= MOST_APART:
                raise Refused("too_many", f"{one.id} sudah dipisahkan dari {MOST_APART} insiden lain.")
        ours, _ = incident.apply(record.public, step)
        theirs, _ = incident.apply(other.public, step.towards(record.id))
        record.public, other.public = ours, theirs
        keep_apart(record.public, other.public)
        for one in (record, other):
            self._desk.changed(one)

    def _silence(self, record: Any, step: Step, group: bool) -> None:
        if len(self._watch.silences) >= MOST and step.value:
            raise Refused("too_many", f"Sudah ada {MOST} pembisuan di wilayah ini; akhiri salah satu dahulu.")
        target = family(record.public) if group else record.id
        record.public, _ = incident.apply(record.public, step)
        if not step.value:
            self._watch.unmute(target)
            return
        until = step.at + int(step.value) * MINUTE_MS
        self._watch.mute(Silence(step.action_id, record.id, target, step.actor, step.institution, step.why, until))

    def _other(self, record: Any, step: Step) -> Any:
        """The incident that the step names. Raises Refused when it is not one of this scope."""
        name = str(step.value)
        if name == record.id:
            raise Refused("same_incident", f"Insiden {name} tidak dapat dihubungkan dengan dirinya sendiri.")
        if name.rpartition("-")[0] != record.scope:
            raise Refused("other_scope", f"{name} di luar wilayah {record.scope}; hanya insiden sewilayah.")
        other = self._desk.record(name)
        if other is None:
            raise Refused("unknown_incident", f"Insiden {name} tidak dikenal; periksa nomornya.")
        return other


def keep_apart(one: Message, other: Message) -> None:
    """Both states, which the caller owns, say that a person holds them for two events."""
    for state, far in ((one, other["incident_id"]), (other, one["incident_id"])):
        state["apart"] = list(dict.fromkeys([*state["apart"], far]))[-MOST_APART:]
        state["suggested"] = [link for link in state["suggested"] if link["incident_id"] != far]


def join_pictures(kept: Message, absorbed: Message) -> None:
    """After a merge: evidence and links of the absorbed one belong to the kept one."""
    picture.absorb(kept, absorbed)
    ids = {kept["incident_id"], absorbed["incident_id"], *absorbed["absorbed"]}
    kept["absorbed"] = [*kept["absorbed"], absorbed["incident_id"], *absorbed["absorbed"]]
    kept["apart"] = list(dict.fromkeys(one for one in [*kept["apart"], *absorbed["apart"]] if one not in ids))
    closed = ids | set(kept["apart"]) | set(kept["absorbed"])
    links = {link["incident_id"]: link for link in [*absorbed["suggested"], *kept["suggested"]]}
    kept["suggested"] = [link for name, link in links.items() if name not in closed]
    absorbed["suggested"], absorbed["absorbed"] = [], []


def _linked(one: Message, other: Message) -> bool:
    return any(
        link["incident_id"] == far["incident_id"]
        for near, far in ((one, other), (other, one))
        for link in near["suggested"]
    )
