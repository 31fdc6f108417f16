"""An incident as correlate keeps it: its public state, what matching learned, who spoke; and how that goes to the
changelog."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from struct import pack
from typing import Any

import orjson

from posko.matching import EventFeatures

CHUNK = 64  # voices in one changelog entry
MAX_REPEATS = 128  # voices of one incident of which more than one report is counted
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS = [first + second for first in _CROCKFORD for second in _CROCKFORD]  # by ten bits
INCIDENT, VOICES = b"i", b"v"


def incident_id(scope: str, report_id: str) -> str:
    """The id of the incident that this report opens: the same after every replay. 50 bits of BLAKE2b in Crockford's
    base32."""
    bits = int.from_bytes(blake2b(report_id.encode(), digest_size=7).digest()) >> 6
    digits = [_PAIRS[bits >> shift & 1023] for shift in (40, 30, 20, 10, 0)]
    return f"{scope}-{''.join(digits)}"


def voice(reporter_id: str) -> int:
    """64 bits that stand for a reporter."""
    return int.from_bytes(blake2b(reporter_id.encode(), digest_size=8).digest())


class Record:
    """One incident. The public state is a dict while a batch works on it and packed JSON otherwise, to keep idle ones
    small."""

    # fmt: off
    __slots__ = (
        "_public", "category", "features", "filed", "filed_in", "group", "hour", "id", "keys", "links", "notified",
        "number",
        "open_hours", "refiled", "repeats", "root", "scope", "tail", "turn", "voices",
    )
    # fmt: on

    def __init__(self, public: dict[str, Any], features: EventFeatures, number: int) -> None:
        self._public: dict[str, Any] | bytes = public
        self.id: str = public["incident_id"]
        self.scope: str = public["scope"]
        self.category: str = public["category"]
        self.features = features
        self.number = number  # in this process's memory only
        self.root: str = public["merged_into"]  # the incident that its reports count for, "" for itself
        self.links: frozenset[str] = frozenset()  # incidents that are perhaps, or for certain, the same event
        self.relink()
        self.group = ""  # notification group in which it waits; follows from the public state
        self.notified = -1  # highest level of escalation at which somebody was told
        self.repeats: dict[int, int] = {}  # voices that spoke more than once: how often besides the first time
        self.voices: set[int] = set()
        self.tail: list[int] = []  # the voices of the newest, unfilled chunk
        self.filed: tuple[str, ...] = ()  # words that the index knows it by
        self.refiled = 0  # after how many reports
        self.keys: tuple[str, ...] = ()
        self.filed_in = ("", False)  # scope, and whether it travels: where the keys are
        self.turn = 0  # order of the last report that touched it
        self.hour = 0  # stream hour of that report
        self.open_hours = 0  # it is looked for as long after that hour

    @property
    def public(self) -> dict[str, Any]:
        if isinstance(self._public, bytes):
            self._public = public = orjson.loads(self._public)
            return public
        return self._public

    @public.setter
    def public(self, state: dict[str, Any]) -> None:
        self._public = state

    def refile(self, words: list[str]) -> None:
        """The words by which the index will know it from now on."""
        self.filed, self.refiled = tuple(words), self.features.reports

    def relink(self, family: Iterable[str] = ()) -> None:
        """After a change of the public state. `family`: ids of the incidents that were merged with this one."""
        suggested = (link["incident_id"] for link in self.public["suggested"])
        self.links = frozenset((*suggested, *family)) - {self.id}

    def hear(self, who: int) -> bool:
        """Count a voice; whether the person is new."""
        if who in self.voices:
            self.hear_again(who)
            return False
        if len(self.tail) == CHUNK:
            self.tail = []
        self.voices.add(who)
        self.tail.append(who)
        return True

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
        """Every chunk of voices anew, after voices have left or many have come."""
        ordered = sorted(self.voices)
        chunks = [ordered[at : at + CHUNK] for at in range(0, len(ordered), CHUNK)]
        self.tail = chunks[-1] if chunks else []
        return [(self.voices_key(number), pack(f">{len(chunk)}Q", *chunk)) for number, chunk in enumerate(chunks)]

    def pack(self) -> tuple[dict[str, Any], bytes]:
        """The public state for the outside world, and the changelog's value; afterwards the record keeps packed bytes
        only."""
        public = self.public
        self._public = packed = _compact(orjson.dumps(public))
        entry = {
            "public": orjson.Fragment(packed),
            "features": self.features.packed(),
            "repeats": [*self.repeats.items()],
            "filed": self.filed,
            "refiled": self.refiled,
            "notified": self.notified,
            "turn": self.turn,
            "hour": self.hour,
        }
        return public, orjson.dumps(entry)

    @classmethod
    def unpacked(cls, value: bytes, number: int) -> Record:
        entry = orjson.loads(value)
        record = cls(entry["public"], EventFeatures.unpacked(entry["features"]), number)
        record.turn, record.hour, record.notified = entry["turn"], entry["hour"], entry["notified"]
        record.filed, record.refiled = tuple(entry["filed"]), entry["refiled"]
        record.repeats = dict(entry["repeats"])
        record._public = _compact(orjson.dumps(entry["public"]))
        return record

    def key(self) -> bytes:
        return INCIDENT + self.id.encode()

    def voices_entry(self) -> tuple[bytes, bytes]:
        """The changelog entry of the newest chunk of voices; older chunks never change."""
        number = (len(self.voices) - 1) // CHUNK
        return self.voices_key(number), pack(f">{len(self.tail)}Q", *self.tail)

    def voices_key(self, number: int) -> bytes:
        return VOICES + number.to_bytes(4) + self.id.encode()

    def chunks(self) -> int:
        return -(-len(self.voices) // CHUNK)


def _compact(packed: bytes) -> bytes:
    """A copy of exactly its own size: orjson's result keeps the buffer it was written in, ten times as large."""
    return bytes(memoryview(packed))
