"""The incidents of a partition by number: those changed lately as objects, the others packed. And their numbers by id.

A packed incident is read again when somebody asks for it, so nobody need know which is which. What a report may need of
many incidents is in `Marks`; the few that it is compared with are mostly those that others were compared with just now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any

import numpy as np

from posko.correlate.record import Record
from posko.correlate.table import Table

HOT = 5000  # incidents kept as objects, some 4 KB each; a packed one takes 700 bytes
OPEN = 1000  # of them with their public state as it is worked on, 8 KB more each
_DIGITS = str.maketrans("0123456789ABCDEFGHJKMNPQRSTVWXYZ", "0123456789abcdefghijklmnopqrstuv")  # Crockford's to int's
_CODE = 10  # digits of an id behind its scope


class Kept(dict[int, Record]):
    """As a dict it holds what is unpacked, and unpacks on access; the rest are its methods. `wake` completes a record
    that was unpacked.

    Records stay the same objects until `rest` is called, when nobody holds any.
    """

    def __init__(self, wake: Callable[[Record], None], hot: int = HOT) -> None:
        super().__init__()
        self._wake, self._hot = wake, hot
        self._cold: dict[int, bytes] = {}
        self._voices: dict[int, bytes] = {}  # of packed incidents with full chunks of them
        self._open: dict[int, Record] = {}  # those with their public state, the one changed last at the end
        self._numbers = Table(8, 4)  # id -> number
        self._scopes: dict[str, int] = {}
        self._read = bytearray()  # rows for `_numbers`
        self._next = 1
        self._free: list[int] = []

    def __missing__(self, number: int) -> Record:
        record = Record.unpacked(self._cold.pop(number), self._voices.pop(number, b""))
        self[number] = record
        self._wake(record)
        return record

    def peek(self, number: int, wake: bool = True) -> Record:
        """The incident, to look at only: a packed one stays packed."""
        if number in self:
            return self[number]
        record = Record.unpacked(self._cold[number], self._voices.get(number, b""))
        if wake:
            self._wake(record)
        return record

    @property
    def count(self) -> int:
        """How many incidents there are."""
        return len(self._numbers)

    def find(self, incident: str) -> Record | None:
        """The incident of that id."""
        key = self._key(incident)
        value = None if key is None else self._numbers.get(key)
        if value is None:
            return None
        record = self[int.from_bytes(value)]
        return record if record.id == incident else None  # ids from outside may be written in other ways

    def add(self, record: Record) -> None:
        """A new incident; it gets its number."""
        if self._free:
            record.number = self._free.pop()
        else:
            record.number, self._next = self._next, self._next + 1
        scope = self._scopes.setdefault(record.scope, len(self._scopes))
        self._numbers.put(_packed_id(scope, record.id[-_CODE:]), record.number.to_bytes(4))
        self[record.number] = record

    def restore(self, incident: str, number: int, packed: bytes, chunked_voices: bytes) -> None:
        """A packed incident as the changelog has it; `restored` after the last."""
        scope = self._scopes.setdefault(incident[: -_CODE - 1], len(self._scopes))
        self._read += _packed_id(scope, incident[-_CODE:]) + number.to_bytes(4)
        self._cold[number] = packed
        if chunked_voices:
            self._voices[number] = chunked_voices

    def restored(self) -> None:
        """All incidents have their numbers: the others are free."""
        self._numbers.fill(np.frombuffer(bytes(self._read), np.uint8).reshape(-1, 12))
        self._read.clear()
        self._next = max(self._cold, default=0) + 1
        self._free = [number for number in range(self._next - 1, 0, -1) if number not in self._cold]

    def drop(self, record: Record) -> None:
        """The incident is forgotten, its number is free."""
        for known in (self, self._cold, self._voices, self._open):
            known.pop(record.number, None)
        key = self._key(record.id)
        assert key is not None
        self._numbers.drop(key)
        self._free.append(record.number)

    def rest(self, changed: Iterable[Record]) -> None:
        """Give up the objects of those that were not changed for longest, and before that their public states.

        Only when nobody holds a record, and `changed` ones have been packed.
        """
        for record in changed:
            for known in (self, self._open):
                known.pop(record.number, None)
                known[record.number] = record
        for number in _first(self._open, len(self._open) - OPEN):
            self._open.pop(number).close()
        for number in _first(self, len(self) - self._hot):
            self._open.pop(number, None)
            record = self.pop(number)
            self._cold[number] = record.packed
            if voices := record.chunked_voices():
                self._voices[number] = voices

    def named(self, incident: str) -> Record:
        """The incident of an id that is known to be kept."""
        record = self.find(incident)
        assert record is not None
        return record

    def root(self, record: Record) -> Record:
        """The incident that the record's reports count for."""
        return self.named(record.root) if record.root else record

    def rooted(self, links: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Links to incidents that were merged lead to what they were merged into; each once, the best first."""
        found: dict[str, dict[str, Any]] = {}
        for link in links:
            name = self.root(self.named(link["incident_id"])).id
            found.setdefault(name, {**link, "incident_id": name})
        return list(found.values())

    def links(self, record: Record) -> frozenset[str]:
        """The incidents that are perhaps, or for certain, the same event as this one."""
        suggested = (link["incident_id"] for link in record.public["suggested"])
        root = self.root(record)
        absorbed = root.public["absorbed"]
        family = (root.id, *absorbed) if absorbed else ()
        return frozenset((*suggested, *family)) - {record.id}

    def _key(self, incident: str) -> bytes | None:
        scope = self._scopes.get(incident[: -_CODE - 1])
        try:
            return None if scope is None else _packed_id(scope, incident[-_CODE:])
        except (ValueError, OverflowError):  # digits of no incident's id
            return None


def _first(known: dict[int, Any], many: int) -> list[int]:
    return list(islice(known, max(0, many)))


def _packed_id(scope: int, code: str) -> bytes:
    """14 bits of the scope and the 50 bits of an id's digits: 8 bytes that no other id has."""
    return (scope << 50 | int(code.translate(_DIGITS), 32)).to_bytes(8)
