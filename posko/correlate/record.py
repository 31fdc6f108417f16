"""An incident as correlate keeps it: its public state, what matching learned, who spoke; and how that goes to the
changelog."""

from __future__ import annotations

from hashlib import blake2b
from struct import pack
from typing import Any

import orjson

from posko.matching import EventFeatures

CHUNK = 64  # voices in one changelog entry
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
        "_public", "category", "features", "hour", "id", "institutions", "keys", "links", "number", "scope", "tail",
        "turn", "voices",
    )
    # fmt: on

    def __init__(self, public: dict[str, Any], features: EventFeatures, number: int) -> None:
        self._public: dict[str, Any] | bytes = public
        self.id: str = public["incident_id"]
        self.scope: str = public["scope"]
        self.category: str = public["category"]
        self.features = features
        self.number = number  # in this process's memory only
        self.links = frozenset(link["incident_id"] for link in public["suggested"])
        self.institutions: list[str] = []
        self.voices: set[int] = set()
        self.tail: list[int] = []  # the voices of the newest, unfilled chunk
        self.keys: tuple[str, ...] = ()
        self.turn = 0  # order of the last report that touched it
        self.hour = 0  # stream hour of that report

    @property
    def public(self) -> dict[str, Any]:
        if isinstance(self._public, bytes):
            self._public = public = orjson.loads(self._public)
            return public
        return self._public

    def hear(self, who: int, institution: str) -> tuple[bool, bool]:
        """Count a voice; whether the person, and whether the institution, is new."""
        new_person, new_institution = who not in self.voices, institution not in self.institutions
        if new_person:
            if len(self.tail) == CHUNK:
                self.tail = []
            self.voices.add(who)
            self.tail.append(who)
        if new_institution:
            self.institutions.append(institution)
        return new_person, new_institution

    def pack(self) -> tuple[dict[str, Any], bytes]:
        """The public state for the outside world, and the changelog's value; afterwards the record keeps packed bytes
        only."""
        public = self.public
        self._public = packed = _compact(orjson.dumps(public))
        entry = {
            "public": orjson.Fragment(packed),
            "features": self.features.packed(),
            "institutions": self.institutions,
            "turn": self.turn,
            "hour": self.hour,
        }
        return public, orjson.dumps(entry)

    @classmethod
    def unpacked(cls, value: bytes, number: int) -> Record:
        entry = orjson.loads(value)
        record = cls(entry["public"], EventFeatures.unpacked(entry["features"]), number)
        record.institutions, record.turn, record.hour = entry["institutions"], entry["turn"], entry["hour"]
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
