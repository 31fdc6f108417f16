"""An incident as correlate keeps it: its public state, what matching learned, who spoke; and how that goes to the
changelog."""

from __future__ import annotations

from hashlib import blake2b
from struct import Struct, pack, unpack
from typing import Any, NamedTuple

import orjson

from posko.correlate import packing
from posko.life.watch import Waiting
from posko.matching import EventFeatures

CHUNK = 64  # voices in one changelog entry
MAX_REPEATS = 128  # voices of one incident of which more than one report is counted
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS = [first + second for first in _CROCKFORD for second in _CROCKFORD]  # by ten bits
INCIDENT, VOICES = b"i", b"v"
_AHEAD = Struct(">QIIHqqBBH")
_NEVER = -1


def incident_id(scope: str, report_id: str) -> str:
    """The id of the incident that this report opens: the same after every replay. 50 bits of BLAKE2b in Crockford's
    base32."""
    bits = int.from_bytes(blake2b(report_id.encode(), digest_size=7).digest()) >> 6
    digits = [_PAIRS[bits >> shift & 1023] for shift in (40, 30, 20, 10, 0)]
    return f"{scope}-{''.join(digits)}"


def voice(reporter_id: str) -> int:
    """64 bits that stand for a reporter."""
    return int.from_bytes(blake2b(reporter_id.encode(), digest_size=8).digest())


class Ahead(NamedTuple):
    """What stands unpacked before a packed incident: what a restart has to know of each of them. `turn`: the order in
    which incidents were last reported; `hour` of that report; `open_hours`: so long it takes new ones."""

    turn: int
    number: int
    hour: int
    open_hours: int
    waiting: Waiting

    @classmethod
    def of(cls, value: bytes) -> Ahead:
        turn, number, hour, open_hours, due, opened_at, severity, told, length = _AHEAD.unpack_from(value)
        group = value[_AHEAD.size : _AHEAD.size + length].decode()
        waiting = Waiting(group, None if due == _NEVER else due, severity, opened_at, bool(told))
        return cls(turn, number, hour, open_hours, waiting)


class Record:
    """One incident. The public state is a dict from when a batch works on it until `close`, and otherwise only in
    `packed`, to keep idle ones small."""

    # fmt: off
    __slots__ = (
        "_public", "category", "features", "filed", "filed_in", "group", "hour", "id", "keys", "notified", "number",
        "packed", "refiled", "repeats", "root", "scope", "tail", "turn", "voices",
    )
    # fmt: on

    def __init__(self, public: dict[str, Any], features: EventFeatures, number: int) -> None:
        self._begin(public["incident_id"], public["scope"], public["category"], features, number)
        self._public: dict[str, Any] | None = public
        self.root: str = public["merged_into"]

    def _begin(self, name: str, scope: str, category: str, features: EventFeatures, number: int) -> None:
        self.id, self.scope, self.category = name, scope, category
        self.features = features
        self.number = number  # stands for it in the index and among the ids of reports
        self.root = ""  # the incident that its reports count for, "" for itself
        self.group = ""  # notification group in which it waits
        self.notified = -1  # highest level of escalation at which somebody was told
        self.repeats: dict[int, int] = {}  # voices that spoke more than once: how often besides the first time
        self.voices: set[int] = set()
        self.tail: list[int] = []  # the voices that fill no chunk yet
        self.filed: tuple[str, ...] = ()  # words that the index knows it by
        self.refiled = 0  # after how many reports
        self.keys: tuple[str, ...] = ()
        self.filed_in = ("", False)  # scope, and whether it travels: where the keys are
        self.turn = 0  # order of the last report that touched it
        self.hour = -1  # stream hour of that report
        self.packed = b""  # as it was at the end of its last batch

    @property
    def public(self) -> dict[str, Any]:
        if self._public is None:
            self._public = orjson.loads(_unpacked(self.packed, Ahead.of(self.packed))[2])
        return self._public

    @public.setter
    def public(self, state: dict[str, Any]) -> None:
        self._public = state

    def close(self) -> None:
        """Keep the public state packed only. Not while it differs from what was packed last."""
        self._public = None

    def refile(self, words: list[str]) -> None:
        """The words by which the index will know it from now on."""
        self.filed, self.refiled = tuple(words), self.features.reports

    def hear(self, who: int) -> bool:
        """Count a voice; whether the person is new. Then `full_chunk` has to be asked."""
        if who in self.voices:
            self.hear_again(who)
            return False
        self.voices.add(who)
        self.tail.append(who)
        return True

    def full_chunk(self) -> tuple[bytes, bytes] | None:
        """The changelog entry of the voices that have just become a full chunk: it never changes any more."""
        if len(self.tail) < CHUNK:
            return None
        full, self.tail = self.tail, []
        return self.voices_key(self.chunks() - 1), _packed(full)

    def hear_again(self, who: int) -> None:
        """One more report of a known voice. Only so many are told apart: after a split, others count as gone."""
        if who in self.repeats or len(self.repeats) < MAX_REPEATS:
            self.repeats[who] = self.repeats.get(who, 0) + 1

    def unhear(self, who: int) -> None:
        """A report of this voice belongs to another incident."""
        left = self.repeats.get(who, 0)
        if left > 1:
            self.repeats[who] = left - 1
        elif left:
            del self.repeats[who]
        else:
            self.voices.discard(who)

    def join_voices(self, other: Record) -> None:
        """Those who spoke about another incident spoke about this one."""
        for who in sorted(other.voices):
            again = other.repeats.get(who, 0) + (who in self.voices)
            if again and (who in self.repeats or len(self.repeats) < MAX_REPEATS):
                self.repeats[who] = self.repeats.get(who, 0) + again
        self.voices |= other.voices

    def all_voices(self) -> list[tuple[bytes, bytes]]:
        """Every full chunk of voices anew, after voices have left or many have come."""
        ordered, chunks = sorted(self.voices), self.chunks()
        self.tail = ordered[chunks * CHUNK :]
        full = (ordered[number * CHUNK : (number + 1) * CHUNK] for number in range(chunks))
        return [(self.voices_key(number), _packed(chunk)) for number, chunk in enumerate(full)]

    def chunked_voices(self) -> bytes:
        """The voices of full chunks, for `unpacked`."""
        return _packed(sorted(self.voices.difference(self.tail))) if self.chunks() else b""

    def pack(self, open_hours: int) -> tuple[dict[str, Any], bytes]:
        """The public state for the outside world, of this moment only, and the changelog's value."""
        public = self.public
        head = {
            "id": self.id, "category": self.category, "root": self.root, "features": self.features.packed(),
            "tail": self.tail, "repeats": [*self.repeats.items()], "filed": self.filed, "refiled": self.refiled,
            "notified": self.notified,
        }  # fmt: skip
        group, due = self.group.encode(), public["escalate_at"]
        told = self.notified >= public["escalation"]
        ahead = _AHEAD.pack(
            self.turn, self.number, self.hour, open_hours, _NEVER if due is None else due, public["opened_at"],
            public["severity"], told, len(group),
        )  # fmt: skip
        self.packed = ahead + group + packing.pack(orjson.dumps(head) + b"\n" + orjson.dumps(public))
        return public, self.packed

    @classmethod
    def unpacked(cls, value: bytes, chunked_voices: bytes = b"") -> Record:
        """From the changelog's value, and the chunks of voices joined. The public state stays packed."""
        turn, number, hour, _, waiting = ahead = Ahead.of(value)
        entry = orjson.loads(_unpacked(value, ahead)[0])
        record = cls.__new__(cls)
        name, features = entry["id"], EventFeatures.unpacked(entry["features"])
        record._begin(name, name.rpartition("-")[0], entry["category"], features, number)
        record._public, record.packed = None, value
        record.turn, record.hour, record.group = turn, hour, waiting.group
        record.root, record.notified = entry["root"], entry["notified"]
        record.filed, record.refiled = tuple(entry["filed"]), entry["refiled"]
        if entry["repeats"]:
            record.repeats = dict(entry["repeats"])
        record.tail = entry["tail"]
        record.voices = {*record.tail, *_voices(chunked_voices)}
        return record

    def key(self) -> bytes:
        return INCIDENT + self.id.encode()

    def voices_key(self, number: int) -> bytes:
        return VOICES + number.to_bytes(4) + self.id.encode()

    def chunks(self) -> int:
        """How many entries of full chunks the changelog has."""
        return len(self.voices) // CHUNK


def _unpacked(value: bytes, ahead: Ahead) -> tuple[bytes, bytes, bytes]:
    """What only we need to know of an incident, a line feed, its public state: both JSON."""
    return packing.unpack(value[_AHEAD.size + len(ahead.waiting.group.encode()) :]).partition(b"\n")


def _packed(voices: list[int]) -> bytes:
    return pack(f">{len(voices)}Q", *voices)


def _voices(packed: bytes) -> tuple[int, ...]:
    return unpack(f">{len(packed) // 8}Q", packed)
