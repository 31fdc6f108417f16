"""When a batch closes: on size, on bytes or on age. Pure: the time is told, never asked for."""

from __future__ import annotations

from collections import deque
from typing import Generic, Protocol, TypeVar

REST = 2.0  # a partition that is not behind spends at most a third of its time in transactions
LONGEST_AGE = 0.3  # seconds


class Sized(Protocol):
    """What is known of a record before it is handled; `value` is bytes or None."""

    @property
    def value(self) -> bytes | None: ...


R = TypeVar("R", bound=Sized)


class Collector(Generic[R]):
    """Records of one partition on their way into a batch, in order.

    A batch closes when it holds `size` records or `max_bytes` bytes of values, or `age` seconds after the batch before
    it closed. So the first report after a quiet time goes at once, and a partition has at most one transaction each
    `age` unless batches are full. When the broker takes long for a transaction, the age grows with it: many small
    transactions would only make a busy broker busier.
    """

    def __init__(self, size: int, max_bytes: int, age: float) -> None:
        self.size = size
        self._max_bytes = max_bytes
        self._age = self._least_age = age
        self._records: deque[R] = deque()
        self._bytes = 0
        self._closed_at = float("-inf")

    def __len__(self) -> int:
        return len(self._records)

    def add(self, records: list[R]) -> None:
        """Append records that follow the ones already here."""
        self._records.extend(records)
        self._bytes += sum(len(record.value or b"") for record in records)

    def committed(self, seconds: float) -> None:
        """The last batch's transaction took `seconds`: a partition rests `REST` times that from batch to batch."""
        wanted = max(self._least_age, min(REST * seconds, LONGEST_AGE))
        self._age += 0.3 * (wanted - self._age)

    def room(self) -> int:
        """How many more records may be asked for; 0 when the batch is full."""
        return 0 if self._bytes >= self._max_bytes else max(0, self.size - len(self._records))

    def due(self, now: float) -> float | None:
        """Seconds until the batch closes, 0 when it is to be taken now, None while there is nothing in it."""
        if not self._records:
            return None
        return max(0.0, self._closed_at + self._age - now) if self.room() else 0.0

    def take(self, now: float) -> list[R]:
        """The batch, at least one and at most `size` records; what does not fit stays for the next one."""
        taken: list[R] = []
        weight = 0
        while self._records and len(taken) < max(1, self.size) and (not taken or weight < self._max_bytes):
            record = self._records.popleft()
            weight += len(record.value or b"")
            taken.append(record)
        self._bytes -= weight
        self._closed_at = now
        return taken


class Pace:
    """How many records fit into `budget` seconds of work, learnt from the batches so far.

    Domain work runs on the event loop, and heartbeats wait for it: so the budget is far below the session timeout.
    """

    def __init__(self, budget: float, most: int, first: int = 200) -> None:
        self._budget = budget
        self._most = most
        self._cost = budget / max(1, min(first, most))

    def observe(self, count: int, seconds: float) -> None:
        """A batch of `count` records took `seconds` of work. Large batches count for more, none for all."""
        if count > 0:
            weight = min(0.5, count / 200)
            self._cost += weight * (seconds / count - self._cost)

    def limit(self) -> int:
        """Records for the next batch, 1 to `most`."""
        return max(1, min(self._most, int(self._budget / max(self._cost, 1e-9))))
