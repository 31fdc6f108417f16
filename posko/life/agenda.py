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
        self._at: dict[str, dict[str, int]] = {}  # by what, by whose: a pair as key would be an object more each
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def set(self, what: str, whose: str, at: int | None) -> None:
        """Plan, move or (None) cancel."""
        planned = self._at.setdefault(what, {})
        before = planned.get(whose)
        if at is None:
            if before is not None:
                del planned[whose]
                self._count -= 1
        elif before != at:
            planned[whose] = at
            self._count += before is None
            heappush(self._heap, (at, what, whose))
        if len(self._heap) > 2 * self._count + _SLACK:
            self._heap = [(at, kind, one) for kind, known in self._at.items() for one, at in known.items()]
            heapify(self._heap)

    def first(self) -> int | None:
        """The earliest moment, None when nothing is planned."""
        heap = self._heap
        while heap and self._at[heap[0][1]].get(heap[0][2]) != heap[0][0]:
            heappop(heap)
        return heap[0][0] if heap else None

    def pop(self, until: int) -> tuple[int, str, str] | None:
        """Take out the earliest entry that is due by `until`, ties in order of what and whose."""
        first = self.first()
        if first is None or first > until:
            return None
        entry = heappop(self._heap)
        del self._at[entry[1]][entry[2]]
        self._count -= 1
        return entry
