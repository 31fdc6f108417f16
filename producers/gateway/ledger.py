"""Which reports were accepted, with what content: on disk, for some days, so that a resend is known for one.

A line is written after Kafka acknowledged the report and never before, so whatever is killed whenever, the ledger may
forget a report that Kafka has (it is then accepted once more, and the stream recognises it) but never knows one that
Kafka lacks. For the case that Kafka itself comes back with less (a power cut, a restored disk), each line says where in
the topic its report is; `reconcile` drops the lines that lie beyond the topic's end.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from producers import files

DAY_MS = 24 * 3_600_000
DAYS = 3  # whole days that are remembered besides the one that has begun: at least 72 hours
MOST_A_DAY = 5_000_000  # lines (some 400 MB); what is accepted beyond that on one day is not remembered
ASKED = 500  # ids in one question


class Line(NamedTuple):
    """A report that Kafka has. `content` is a hash; `offset` is -1 when it is not known."""

    report_id: str
    content: bytes
    partition: int
    offset: int


class Ledger:
    """Safe to use from several threads. Times are milliseconds since 1970 UTC.

    A table a day, so that forgetting costs nothing.
    """

    def __init__(self, path: Path, most_a_day: int = MOST_A_DAY) -> None:
        self._most = most_a_day
        self._lock = threading.Lock()  # SQLite's own crash when a connection is closed under a running statement
        self._db = files.opened(path, power_cut="may take the last")  # those lines are accepted again
        self._db.execute("CREATE TABLE IF NOT EXISTS topic (id TEXT NOT NULL)")
        self._days: dict[int, int] = {}  # day -> lines
        for (name,) in self._db.execute("SELECT name FROM sqlite_master WHERE name GLOB 'accepted_*'").fetchall():
            [(lines,)] = self._db.execute(f"SELECT count(*) FROM {name}").fetchall()  # noqa: S608 a table of ours
            self._days[int(name.removeprefix("accepted_"))] = lines

    def __len__(self) -> int:
        return sum(self._days.values())

    def close(self) -> None:
        """Give the file back."""
        with self._lock:
            self._db.close()

    def known(self, report_ids: Sequence[str]) -> dict[str, bytes]:
        """The content hash of each of these reports that was accepted."""
        keys = [bytes.fromhex(one.replace("-", "")) for one in report_ids]
        found: dict[bytes, bytes] = {}
        with self._lock:
            for day in sorted(self._days, reverse=True):  # of two contents of an id the first one stays
                for start in range(0, len(keys), ASKED):
                    some = keys[start : start + ASKED]
                    asked = f"SELECT id, content FROM accepted_{day} WHERE id IN ({','.join('?' * len(some))})"  # noqa: S608
                    found.update(self._db.execute(asked, some).fetchall())
        return {one: found[key] for one, key in zip(report_ids, keys, strict=True) if key in found}

    def record(self, lines: Iterable[Line], now: int) -> None:
        """Remember reports that Kafka acknowledged; one transaction. The first content of an id stays."""
        day = now // DAY_MS
        rows = [
            (bytes.fromhex(line.report_id.replace("-", "")), line.content, line.partition, line.offset)
            for line in lines
        ]
        with self._lock, self._transaction():
            if day not in self._days:
                self._turn(day)
            rows = rows[: max(0, self._most - self._days[day])]
            added = self._db.executemany(f"INSERT OR IGNORE INTO accepted_{day} VALUES (?, ?, ?, ?)", rows).rowcount  # noqa: S608
            self._days[day] += max(added, 0)

    def reconcile(self, topic: str, ends: Mapping[int, int]) -> int:
        """Drop what Kafka does not have: lines of another topic than `topic` (Kafka's id of it), lines at or beyond the
        end of their partition, lines whose place is not known. Returns how many were dropped."""
        before = len(self)
        with self._lock, self._transaction():
            known = self._db.execute("SELECT id FROM topic").fetchone()
            for day in self._days:
                if known is not None and known[0] != topic:
                    self._db.execute(f"DELETE FROM accepted_{day}")  # noqa: S608 a table of ours, as below
                else:
                    self._drop_beyond(day, ends)
                [(self._days[day],)] = self._db.execute(f"SELECT count(*) FROM accepted_{day}").fetchall()  # noqa: S608
            self._db.execute("DELETE FROM topic")
            self._db.execute("INSERT INTO topic VALUES (?)", (topic,))
        return before - len(self)

    def _drop_beyond(self, day: int, ends: Mapping[int, int]) -> None:
        listed = ",".join(str(int(partition)) for partition in ends) or "-1"
        self._db.execute(f"DELETE FROM accepted_{day} WHERE offset_ < 0 OR partition_ NOT IN ({listed})")  # noqa: S608
        for partition, end in ends.items():
            gone = f"DELETE FROM accepted_{day} WHERE partition_ = ? AND offset_ >= ?"  # noqa: S608
            self._db.execute(gone, (partition, end))

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """All of it or nothing; what is known of the days is as before when it fails."""
        before = dict(self._days)
        try:
            with files.transaction(self._db):
                yield
        except BaseException:
            self._days = before
            raise

    def _turn(self, day: int) -> None:
        """Begin a day and forget those that are too old. A clock that jumps forward forgets too early: harmless."""
        self._db.execute(
            f"CREATE TABLE accepted_{day} (id BLOB PRIMARY KEY, content BLOB NOT NULL, partition_ INTEGER NOT NULL, "
            "offset_ INTEGER NOT NULL) WITHOUT ROWID"
        )
        self._days[day] = 0
        for old in [one for one in self._days if one < day - DAYS]:
            self._db.execute(f"DROP TABLE accepted_{old}")
            del self._days[old]
