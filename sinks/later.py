"""What a batch leaves for later: rows that nobody misses for a second, kept until offsets are noted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sinks.batch import Record
from sinks.messages import Incident, Matched

# The columns of a first report that counts are made of (schema/0015).
COUNTED = ("received_at", "regency", "category", "source_partition", "source_offset")


@dataclass
class Later:
    """Each row with the message it came from. Bounded by what is stored in a second (Storage)."""

    counted: list[Matched] = field(default_factory=list)  # first reports whose rows are stored
    resends: list[tuple[Record, Matched]] = field(default_factory=list)
    states: dict[str, tuple[Record, Incident]] = field(default_factory=dict)  # the latest: it has the whole log

    def add_states(self, stored: Iterable[tuple[Record, Incident]]) -> None:
        """Keep these states for their logs, unless a later one of the same incident is kept."""
        latest(stored, self.states)

    def __len__(self) -> int:
        return len(self.counted) + len(self.resends) + len(self.states)


def latest(
    states: Iterable[tuple[Record, Incident]], known: dict[str, tuple[Record, Incident]] | None = None
) -> dict[str, tuple[Record, Incident]]:
    """The state with the highest version of each incident, `known` included, which is changed. Each state is complete,
    so only the latest of a batch is worth storing.
    """
    found = {} if known is None else known
    for record, state in states:
        have = found.get(state.incident_id)
        if have is None or state.version >= have[1].version:
            found[state.incident_id] = record, state
    return found
