"""Incidents by stream hours, of their last report and of their closing: four bytes for each hour in which an incident
was reported, twice."""

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


class Closings:
    """Incidents by the stream hour from which on they take no new reports, so that each is looked at when it may close,
    not in every hour until then.

    A number stays where it is when its incident is reported again and closes later: it is then told of twice.
    """

    def __init__(self) -> None:
        self._numbers: dict[int, array[int]] = {}

    def add(self, number: int, hour: int) -> None:
        """The incident closes in `hour`, unless it is reported again."""
        self._numbers.setdefault(hour, array("I")).append(number)

    def due(self, hour: int) -> list[int]:
        """The incidents that close in `hour` or earlier, as far as known here; each is told once for each `add`."""
        return [number for one in sorted(self._numbers) if one <= hour for number in self._numbers.pop(one)]
