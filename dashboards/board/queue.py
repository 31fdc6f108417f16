"""What of all incidents one person sees, and the figures of it."""

from __future__ import annotations

from collections.abc import Sequence

from dashboards.board.filters import Filter
from dashboards.board.parts import Parts
from dashboards.board.roles import sees
from dashboards.board.situation import Figures, Incident

FIGURES_MS = 1000  # figures are counted once in this time for all who see the same


class Queue:
    """The incidents in memory, through somebody's area and filter."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._figures: dict[tuple[str, ...], tuple[int, Figures]] = {}

    def get(self, incident_id: str, areas: Sequence[str]) -> Incident | None:
        """One incident, if it is in memory and may be seen."""
        one = self._parts.live.incidents.get(incident_id)
        return one if one and sees(areas, one) else None

    def visible(self, areas: Sequence[str]) -> list[Incident]:
        """All that somebody may see."""
        return [one for one in self._parts.live.incidents.values() if sees(areas, one)]

    def listed(self, areas: Sequence[str], wanted: Filter) -> list[Incident]:
        """What fits, what to do first at the top."""
        return wanted.ordered(self.visible(areas), self._parts.now())

    def figures(self, areas: tuple[str, ...]) -> Figures:
        """Counts over everything that somebody may see; at most a second old."""
        now = self._parts.now()
        kept = self._figures.get(areas)
        if kept is None or now - kept[0] >= FIGURES_MS:
            if len(self._figures) > 1000:
                self._figures.clear()
            kept = self._figures[areas] = (now, Figures.of(self.visible(areas), now))
        return kept[1]
