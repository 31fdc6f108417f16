"""Messages that are not a report yet, on disk: pieces of long ones, those that wait for an answer or for Kafka.

What a gateway is told to be received is here first. A message goes when its report is acknowledged, so whoever is
killed whenever, each is brought to Kafka at least once, under an id that is always the same.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import msgspec

from producers import files
from producers.sms.incoming import Incoming
from producers.sms.joining import MOST, Unit

SEEN_MS = 7 * 24 * 3_600_000  # so long a repeated delivery is known for one
PIECES_MS = 600_000  # so long the other pieces of a long message are waited for
_SCHEMA = """
CREATE TABLE IF NOT EXISTS seen (id TEXT PRIMARY KEY, at INTEGER NOT NULL, reply TEXT) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS seen_at ON seen (at);
CREATE TABLE IF NOT EXISTS unit (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, door TEXT NOT NULL, phone TEXT NOT NULL,
    due INTEGER NOT NULL, content BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS unit_phone ON unit (door, phone);
CREATE INDEX IF NOT EXISTS unit_due ON unit (door, due);
CREATE TABLE IF NOT EXISTS piece (
    door TEXT NOT NULL, phone TEXT NOT NULL, ref INTEGER NOT NULL, total INTEGER NOT NULL, number INTEGER NOT NULL,
    id TEXT NOT NULL, at INTEGER NOT NULL, received INTEGER NOT NULL, text TEXT NOT NULL,
    PRIMARY KEY (door, phone, ref, total, number)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS secret (value BLOB NOT NULL);
"""


class Long(NamedTuple):
    """A long message whose pieces came, or will not come any more: `texts` by number."""

    phone: str
    ref: int
    id: str
    at: int
    total: int
    texts: dict[int, str]


class Inbox:
    """Safe to use from several threads. Times are milliseconds since 1970 UTC; phones are in this file only (0600)."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._db = files.opened(path, power_cut="keeps")  # the gateway is told that we have it
        self._db.executescript(_SCHEMA)
        if not self._db.execute("SELECT 1 FROM secret").fetchone():
            self._db.execute("INSERT INTO secret VALUES (?)", (secrets.token_bytes(32),))

    @property
    def secret(self) -> bytes:
        """Made once for this instance: with it phones become ids that say nothing of them."""
        with self._lock:
            return bytes(self._db.execute("SELECT value FROM secret").fetchone()[0])

    def close(self) -> None:
        """Give the file back."""
        with self._lock:
            self._db.close()

    def reply_to(self, id: str) -> str | None:
        """What was answered to a message that came before; None for a new one, `""` when there is no answer yet."""
        with self._lock:
            row = self._db.execute("SELECT reply FROM seen WHERE id = ?", (id,)).fetchone()
            return None if row is None else row[0] or ""

    def add(self, door: str, phone: str, unit: Unit) -> bool:
        """Keep a message, unless it came before; False when too many of this person wait already."""
        with self._writing():
            [(waiting,)] = self._db.execute("SELECT count(*) FROM unit WHERE door = ? AND phone = ?", (door, phone))
            if waiting >= MOST:
                return False
            if self._see(unit.id, unit.received):
                self._put(door, phone, unit)
            return True

    def add_piece(self, door: str, message: Incoming, id: str, now: int) -> Long | None:
        """Keep a piece of a long message; the message when it was the last one that was missing."""
        part = message.part
        assert part is not None
        with self._writing():
            if self._see(id, now):
                at = int(message.at.timestamp() * 1000)
                row = (door, message.sender, part.ref, part.total, part.number, id, at, now, message.text)
                self._db.execute("INSERT OR IGNORE INTO piece VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
            return next((long for long in self._longs(door, message.sender) if len(long.texts) == long.total), None)

    def late(self, door: str, now: int) -> list[Long]:
        """Long messages whose missing pieces are not waited for any more."""
        with self._lock:
            asked = (
                "SELECT DISTINCT phone FROM piece WHERE door = ? GROUP BY phone, ref, total HAVING min(received) <= ?"
            )
            phones = [phone for (phone,) in self._db.execute(asked, (door, now - PIECES_MS))]
            return [long for phone in phones for long in self._longs(door, phone, now - PIECES_MS)]

    def joined(self, door: str, long: Long, unit: Unit) -> None:
        """Put a message together: its pieces go, it stays, in one step."""
        with self._writing():
            which = "door = ? AND phone = ? AND ref = ? AND total = ?"
            self._db.execute(f"DELETE FROM piece WHERE {which}", (door, long.phone, long.ref, long.total))  # noqa: S608
            if self._see(unit.id, unit.received):
                self._put(door, long.phone, unit)

    def waiting(self, door: str, phone: str) -> list[Unit]:
        """The messages of one person that are no report yet, in the order of their receipt."""
        with self._lock:
            asked = "SELECT content FROM unit WHERE door = ? AND phone = ? ORDER BY number"
            return [msgspec.json.decode(content, type=Unit) for (content,) in self._db.execute(asked, (door, phone))]

    def due(self, door: str, now: int, most: int = 200) -> list[str]:
        """Phones whose messages should be looked at again."""
        with self._lock:
            asked = "SELECT DISTINCT phone FROM unit WHERE door = ? AND due <= ? LIMIT ?"
            return [phone for (phone,) in self._db.execute(asked, (door, now, most))]

    def postpone(self, units: Iterable[Unit], due: int) -> None:
        """Look at these again at `due`."""
        with self._writing():
            self._db.executemany("UPDATE unit SET due = ? WHERE id = ?", [(due, unit.id) for unit in units])

    def done(self, units: Iterable[Unit]) -> None:
        """These are a report now, or will never be one."""
        with self._writing():
            self._db.executemany("DELETE FROM unit WHERE id = ?", [(unit.id,) for unit in units])

    def answered(self, id: str, reply: str) -> None:
        """Remember what was answered, for a delivery that is repeated."""
        with self._writing():
            self._db.execute("UPDATE seen SET reply = ? WHERE id = ?", (reply, id))

    def forget(self, now: int) -> None:
        """Drop what is too old to come again."""
        with self._writing():
            self._db.execute("DELETE FROM seen WHERE at < ?", (now - SEEN_MS,))

    def _put(self, door: str, phone: str, unit: Unit) -> None:
        self._db.execute(
            "INSERT OR IGNORE INTO unit (id, door, phone, due, content) VALUES (?, ?, ?, ?, ?)",
            (unit.id, door, phone, unit.received, msgspec.json.encode(unit)),
        )

    def _see(self, id: str, now: int) -> bool:
        """Whether this message is a new one; from now on it is not."""
        return self._db.execute("INSERT OR IGNORE INTO seen VALUES (?, ?, NULL)", (id, now)).rowcount == 1

    def _longs(self, door: str, phone: str, before: int | None = None) -> list[Long]:
        found: dict[tuple[int, int], list[tuple[int, str, int, int, str]]] = {}
        asked = (
            "SELECT ref, total, number, id, at, received, text FROM piece WHERE door = ? AND phone = ? ORDER BY number"
        )
        for ref, total, *piece in self._db.execute(asked, (door, phone)):
            found.setdefault((ref, total), []).append(tuple(piece))
        return [
            Long(phone, ref, rows[0][1], min(row[2] for row in rows), total, {row[0]: row[4] for row in rows})
            for (ref, total), rows in found.items()
            if before is None or min(row[3] for row in rows) <= before
        ]

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._lock, files.transaction(self._db):
            yield
