"""Incidents by the stream hour of their last report: four bytes for each hour in which an incident was reported."""

from __future__ import annotations

from array import array

from posko.correlate.marks import Marks


class Hours:
    """Numbers stay where they are when an incident is reported again later; the hour in `marks` says which still
    count."""

    def __init__(self, marks: Marks) -> None:
        self._marks = marks
        self._numbers: dict[int, array[int]] = {}

    def known(self) -> list[int]:
        """All hours with reports, in order."""
        return sorted(self._numbers)

    def add(self, number: int, hour: int) -> None:
        """The first report of an incident in this hour."""
        self._numbers.setdefault(hour, array("I")).append(number)

    def of(self, hour: int) -> list[int]:
        """The incidents whose last report came in that hour, in its order."""
        found = [number for number in self._numbers[hour] if self._marks.life(number).hour == hour]
        return sorted(found, key=self._marks.turn)

    def pop(self, hour: int) -> list[int]:
        """The same, and the hour is forgotten."""
        found = self.of(hour)
        del self._numbers[hour]
        return found
