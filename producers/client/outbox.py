"""Reports on disk until Kafka has them: one SQLite file, bounded, durable when `put` returns."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from producers import files

MOST_BYTES = 256 << 20  # of reports that wait

Put = Literal["kept", "there", "conflict"]
_SCHEMA = """
CREATE TABLE IF NOT EXISTS waiting (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, key BLOB NOT NULL, value BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS refused (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL, key BLOB NOT NULL, value BLOB NOT NULL, why TEXT NOT NULL
);
"""


class OutboxFull(Exception):
    """The outbox holds as much as it may; nothing was put into it. Kafka must come back, or be found, first."""


class Waiting(NamedTuple):
    """A message that Kafka does not have yet, as far as we know. `number` orders them."""

    number: int
    id: str
    key: bytes
    value: bytes


class Outbox:
    """Safe to use from several threads. One process at a time has it."""

    def __init__(self, path: Path, most_bytes: int = MOST_BYTES) -> None:
        """Opens the file `path`, or makes it, readable by its owner only."""
        self._most = most_bytes
        self._lock = threading.Lock()
        self._db = files.opened(path, power_cut="keeps")  # what was put is there after a power cut
        self._db.executescript(_SCHEMA)
        [(self._count, self._bytes)] = self._db.execute("SELECT count(*), coalesce(sum(length(value)), 0) FROM waiting")

    def __len__(self) -> int:
        return int(self._count)

    def put(self, messages: Sequence[tuple[str, bytes, bytes]]) -> list[Put]:
        """Keep messages (id, key, value), all or none, in one transaction. An id that waits already is `there`, or a
        `conflict` when its value is another. Raises OutboxFull."""
        with self._lock:
            if self._bytes + sum(len(value) for _, _, value in messages) > self._most:
                raise OutboxFull(f"{self._count} reports with {self._bytes} bytes wait for Kafka; no more fit in")
            count, size, done = self._count, self._bytes, []
            with files.transaction(self._db):
                for id, key, value in messages:
                    done.append(self._put(id, key, value))
                    if done[-1] == "kept":
                        count, size = count + 1, size + len(value)
            self._count, self._bytes = count, size
            return done

    def after(self, number: int, most: int) -> list[Waiting]:
        """The next messages behind `number`, in their order."""
        with self._lock:
            asked = "SELECT number, id, key, value FROM waiting WHERE number > ? ORDER BY number LIMIT ?"
            return [Waiting(*row) for row in self._db.execute(asked, (number, most))]

    def sent(self, messages: Iterable[Waiting]) -> None:
        """Kafka has these."""
        self._leave(list(messages), None)

    def refuse(self, message: Waiting, why: str) -> None:
        """Kafka refused it for good: it is kept apart, for people to look at."""
        self._leave([message], why)

    def refused(self, most: int = 100) -> list[tuple[str, str]]:
        """Id and reason of what was refused, the latest first."""
        with self._lock:
            return self._db.execute("SELECT id, why FROM refused ORDER BY number DESC LIMIT ?", (most,)).fetchall()

    def close(self) -> None:
        """Give the file back."""
        with self._lock:
            self._db.close()

    def _put(self, id: str, key: bytes, value: bytes) -> Put:
        there = self._db.execute("SELECT value FROM waiting WHERE id = ?", (id,)).fetchone()
        if there is not None:
            return "there" if there[0] == value else "conflict"
        self._db.execute("INSERT INTO waiting (id, key, value) VALUES (?, ?, ?)", (id, key, value))
        return "kept"

    def _leave(self, messages: list[Waiting], why: str | None) -> None:
        with self._lock:
            with files.transaction(self._db):
                if why is not None:
                    rows = [(*message, why[:500]) for message in messages]
                    self._db.executemany("INSERT OR REPLACE INTO refused VALUES (?, ?, ?, ?, ?)", rows)
                gone = self._db.executemany("DELETE FROM waiting WHERE number = ?", [(one.number,) for one in messages])
            self._count -= max(gone.rowcount, 0)
            self._bytes -= sum(len(message.value) for message in messages)
