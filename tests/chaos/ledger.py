"""What was sent: a line for each message that Kafka acknowledged, with its place there and what should become of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

import orjson

from producers.simulator.message import Message

Place = tuple[int, int]  # partition and offset in the topic `reports`


class Sent(NamedTuple):
    """A message that Kafka has. `offset` -1: Kafka did not say where. `reason`: why it should be rejected, else ""."""

    report_id: str | None
    digest: str
    partition: int
    offset: int
    reason: str


def digest(value: bytes | None) -> str:
    """What stands for a message's bytes; "" for a null value."""
    return "" if value is None else blake2b(value, digest_size=12).hexdigest()


class Ledger:
    """The file while it is written. Used from the producer's threads."""

    def __init__(self, path: Path) -> None:
        self.count = 0
        self._file = path.open("wb", buffering=1 << 18)
        self._lock = threading.Lock()

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._file.close()

    def acknowledged(self, message: Message, partition: int, offset: int) -> None:
        """Kafka has the message."""
        reason = message.reason if message.expected == "rejected" else ""
        sent = Sent(message.report_id, digest(message.value), partition, offset, reason)
        with self._lock:
            self._file.write(orjson.dumps([*sent]) + b"\n")
            self.count += 1

    def refused(self, message: Message, error: Exception) -> None:
        """Kafka will never have it: a chaos run sends nothing that this may happen to."""
        raise RuntimeError(f"Kafka refused a message ({message.message}): {error}")


def read(path: Path) -> Iterator[Sent]:
    """The lines of a ledger."""
    with path.open("rb") as file:
        for line in file:
            yield Sent(*orjson.loads(line))
