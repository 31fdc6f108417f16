"""What is due when: a heap, so that asking costs nothing while nothing is due."""

from __future__ import annotations

from heapq import heapify, heappop, heappush

Entry = tuple[int, str, str]  # when (ms), what, whose
_SLACK = 64


class Agenda:
    """One moment for each (what, whose). Entries that were moved stay in the heap until they come up or are too many;
    so it is bounded by twice what is planned."""

    def __init__(self) -> None:
        self._heap: list[Entry] = []
        self._at: dict[tuple[str, str], int] = {}

    def __len__(self) -> int:
        return len(self._at)

    def set(self, what: str, whose: str, at: int | None) -> None:
        """Plan, move or (None) cancel."""
        if at is None:
            self._at.pop((what, whose), None)
        elif self._at.get((what, whose)) != at:
            self._at[what, whose] = at
            heappush(self._heap, (at, what, whose))
        if len(self._heap) > 2 * len(self._at) + _SLACK:
            self._heap = [(at, *key) for key, at in self._at.items()]
            heapify(self._heap)

    def first(self) -> int | None:
        """The earliest moment, None when nothing is planned."""
        heap = self._heap
        while heap and self._at.get(heap[0][1:]) != heap[0][0]:
            heappop(heap)
        return heap[0][0] if heap else None

    def pop(self, until: int) -> tuple[int, str, str] | None:
        """Take out the earliest entry that is due by `until`, ties in order of what and whose."""
        first = self.first()
        if first is None or first > until:
            return None
        entry = heappop(self._heap)
        del self._at[entry[1:]]
        return entry
