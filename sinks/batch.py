"""A batch of Kafka records: closes when it is large or old enough. No clock of its own: `now` is passed in, so tests
never wait.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

Place = tuple[str, int]  # topic, partition
# Storing a batch costs ClickHouse nearly the same however few its rows, so where it takes long batches close later.
SHARE = 2  # times as long as storing takes, at least, a batch is collected
MOST_AGE_S = 0.5  # of that: with storing itself, what people see stays less than a second old
BYTES = 64 << 20  # of values in a batch: with large messages this, not their number, bounds the sink's memory


def age(asked: float, took: float) -> float:
    """After how many seconds a batch closes: `asked`, or later when storing the one before `took` long (seconds)."""
    return max(asked, min(SHARE * took, MOST_AGE_S))


class Record(Protocol):
    """What the sink needs of a Kafka record; `timestamp` is in milliseconds."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def timestamp(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Iterable[tuple[str, bytes]]: ...


@dataclass
class Batch:
    """Collects records until there are `size` of them, BYTES in them, or the first is `age` seconds old."""

    size: int
    age: float

    def __post_init__(self) -> None:
        self.records: dict[str, list[Record]] = defaultdict(list)
        self.next_offsets: dict[Place, int] = {}
        self.first_offsets: dict[Place, int] = {}
        self.read: dict[str, list[tuple[int, int]]] = defaultdict(list)  # of each topic: so many records, read then
        self.count = self._bytes = 0
        self._opened = 0.0

    def add(self, records: Sequence[Record], now: float, at: int = 0) -> None:
        """Take records of one partition in the order of their offsets, fetched at `now` (seconds, monotonic).

        `at` is the same moment by the calendar, in milliseconds since 1970.
        """
        if not records:
            return
        if not self.count:
            self._opened = now
        self.read[records[0].topic].append((len(records), at))
        for record in records:
            place = (record.topic, record.partition)
            self.records[record.topic].append(record)
            self.first_offsets.setdefault(place, record.offset)
            self.next_offsets[place] = record.offset + 1
            self.count += 1
            self._bytes += len(record.value or b"")

    @property
    def room(self) -> int:
        """How many more records may come."""
        return 0 if self._bytes >= BYTES else max(0, self.size - self.count)

    def is_due(self, now: float) -> bool:
        return not self.room or (self.count > 0 and now - self._opened >= self.age)

    def wait(self, now: float) -> float:
        """Seconds until the batch is due by age; `age` while it is empty."""
        return max(0.0, self._opened + self.age - now) if self.count else self.age

    def span(self) -> dict[str, str]:
        """For logs: each partition with its first and last offset, `{"incidents/0": "17-42"}`."""
        return {
            f"{topic}/{partition}": f"{self.first_offsets[topic, partition]}-{end - 1}"
            for (topic, partition), end in sorted(self.next_offsets.items())
        }
