"""What has to be at hand of every incident, the packed ones too: enough to rank them, and to know when they end."""

from __future__ import annotations

from struct import Struct
from typing import NamedTuple

from posko.matching import EventFeatures

_RANK = Struct("<qqQIHI")  # what ranking reads, as `Marks.rank` gives it
_LIFE = Struct("<IHB")  # stream hour of the last report, hours it stays open, whether the index has it
_WIDTH = _RANK.size + _LIFE.size


class Life(NamedTuple):
    """`posted`: the index leads to it."""

    hour: int
    open_hours: int
    posted: bool


class Marks:
    """A row of 41 bytes an incident, by its number. Names of kinds are kept once."""

    def __init__(self) -> None:
        self._rows = bytearray()
        self.names: list[str] = [""]
        self.sets: list[frozenset[str]] = [frozenset()]
        self._name_numbers: dict[str, int] = {"": 0}
        self._set_numbers: dict[frozenset[str], int] = {frozenset(): 0}

    def rank(self, number: int) -> tuple[int, int, int, int, int, int]:
        """First and last time (ms), turn, reports; the guessed kind and all kinds, as numbers for `names` and `sets`.

        A plain tuple: this is asked for some forty incidents a report.
        """
        return _RANK.unpack_from(self._rows, number * _WIDTH)

    def life(self, number: int) -> Life:
        return Life._make(_LIFE.unpack_from(self._rows, number * _WIDTH + _RANK.size))

    def turn(self, number: int) -> int:
        """The order of the incident's last change."""
        return self.rank(number)[2]

    def set(self, number: int, event: EventFeatures, turn: int) -> None:
        """What ranking reads, after the event has learned something."""
        self._reach(number)
        guess = self._name_numbers.get(event.guess)
        if guess is None:
            guess = self._name_numbers[event.guess] = len(self.names)
            self.names.append(event.guess)
        kinds = self._set_numbers.get(key := frozenset(event.kinds))
        if kinds is None:
            kinds = self._set_numbers[key] = len(self.sets)
            self.sets.append(key)
        _RANK.pack_into(self._rows, number * _WIDTH, event.first_at, event.last_at, turn, event.reports, guess, kinds)

    def turned(self, number: int, turn: int) -> None:
        """The order of its last change only: nobody ranks it yet."""
        self._reach(number)
        _RANK.pack_into(self._rows, number * _WIDTH, 0, 0, turn, 0, 0, 0)

    def live(self, number: int, hour: int, open_hours: int, posted: bool) -> None:
        """When the incident was last reported, and how long it takes new reports."""
        self._reach(number)
        _LIFE.pack_into(self._rows, number * _WIDTH + _RANK.size, hour, open_hours, posted)

    def clear(self, number: int) -> None:
        """The number stands for no incident."""
        self._rows[number * _WIDTH : (number + 1) * _WIDTH] = bytes(_WIDTH)

    def _reach(self, number: int) -> None:
        if (missing := (number + 1) * _WIDTH - len(self._rows)) > 0:
            self._rows += bytes(missing)
