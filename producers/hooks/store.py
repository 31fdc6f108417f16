"""Hooks, and what each of them is still to be told, in one SQLite file that only its owner reads.

How far the topic was read moves in one transaction with what follows from it for each hook; what waits for a hook goes
only when its other side has accepted it. So nothing is lost, whatever is killed whenever, and a hook that does not
answer keeps nobody else from reading on. Of an incident only the newest version waits.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from producers import files
from producers.hooks import hook as rules
from producers.hooks.change import Change
from producers.hooks.hook import Hook, Known

MOMENT_MS = 500  # changes of one incident that come within it are told as one
SLACK_MS = 60_000  # how far the clocks of two machines may be apart
MOST_HOOKS = 100
MOST_WAITING = 100_000  # incidents that wait for one hook; further ones are not told to it
KEPT_MS = 30 * 86_400_000  # what a hook knows of an incident is forgotten when nothing has come so long
_COLUMNS = (
    "name, officer, url, secret, events, categories, area, severity_from, private, added_at, failing_since, why, "
    "off, told"
)
_SCHEMA = """
CREATE TABLE IF NOT EXISTS hook (
    name TEXT PRIMARY KEY, officer TEXT NOT NULL, url TEXT NOT NULL, secret TEXT NOT NULL, events TEXT NOT NULL,
    categories TEXT NOT NULL, area TEXT NOT NULL, severity_from INTEGER NOT NULL, private INTEGER NOT NULL,
    added_at INTEGER NOT NULL, failing_since INTEGER, why TEXT NOT NULL, off TEXT NOT NULL, told INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS known (
    hook TEXT NOT NULL, incident TEXT NOT NULL, version INTEGER NOT NULL, closed INTEGER NOT NULL,
    event TEXT NOT NULL, body BLOB, due_at INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (hook, incident)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS known_due ON known (hook, due_at) WHERE event <> '';
CREATE TABLE IF NOT EXISTS position (
    topic TEXT NOT NULL, partition INTEGER NOT NULL, offset INTEGER NOT NULL, PRIMARY KEY (topic, partition)
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """An incident's newest version as it was read: `at` is when it was written (ms), `body` what is told of it."""

    change: Change
    body: bytes
    at: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a hook is to be told."""

    incident: str
    version: int
    event: str
    body: bytes

    @property
    def id(self) -> str:
        """The same for each attempt."""
        return f"{self.incident}:{self.version}"


class Store:
    """Safe to use from several threads and processes. Times are milliseconds since 1970 UTC."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._db = files.opened(path, power_cut="keeps")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        """Give the file back."""
        with self._lock:
            self._db.close()

    def put(self, hook: Hook) -> None:
        """Add a hook, or change one: it is on again then, and what waits for it still does."""
        with self._writing():
            known = self.get(hook.name)
            row = (hook.name, hook.officer, hook.url, hook.secret, ",".join(hook.events), ",".join(hook.categories),
                   hook.area, hook.severity_from, hook.private, known.added_at if known else hook.added_at,
                   known.told if known else 0)  # fmt: skip
            self._db.execute(
                f"INSERT OR REPLACE INTO hook ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, '', '', ?)",  # noqa: S608
                row,
            )

    def get(self, name: str) -> Hook | None:
        """The hook with this name."""
        return next(iter(self._hooks("WHERE name = ?", name)), None)

    def hooks(self) -> list[Hook]:
        """All of them, by name."""
        return self._hooks("ORDER BY name")

    def remove(self, name: str) -> bool:
        """Forget a hook and what waits for it; False when there is none such."""
        with self._writing():
            self._db.execute("DELETE FROM known WHERE hook = ?", (name,))
            return self._db.execute("DELETE FROM hook WHERE name = ?", (name,)).rowcount == 1

    def waiting(self, name: str) -> int:
        """How many incidents wait for a hook."""
        with self._lock:
            [(count,)] = self._db.execute("SELECT count(*) FROM known WHERE hook = ? AND event <> ''", (name,))
            return int(count)

    def positions(self, topic: str) -> dict[int, int]:
        """The next offset to read, by partition."""
        with self._lock:
            return dict(self._db.execute("SELECT partition, offset FROM position WHERE topic = ?", (topic,)).fetchall())

    def collect(
        self, names: Collection[str], seen: Iterable[Seen], topic: str, positions: Mapping[int, int], now: int
    ) -> int:
        """Note what the hooks of these names are to be told, and how far the topic was read; all or nothing.

        `seen`: each incident at most once. Returns how many incidents there was no room for.
        """
        left_out = 0
        with self._writing():
            found = list(seen)
            for hook in self.hooks():
                if hook.name in names:
                    room = MOST_WAITING - self.waiting(hook.name)
                    for one in found:
                        added = self._note(hook, one, room > 0, now)
                        left_out += added is None
                        room -= added or 0
            for partition, offset in positions.items():
                self._db.execute("INSERT OR REPLACE INTO position VALUES (?, ?, ?)", (topic, partition, offset))
        return left_out

    def due(self, name: str, now: int, most: int) -> tuple[list[Delivery], int | None]:
        """What a hook is to be told now, what waited longest first; and when something is due, None for nothing."""
        with self._lock:
            found = self._db.execute(
                "SELECT incident, version, event, body, due_at FROM known WHERE hook = ? AND event <> '' "
                "ORDER BY due_at LIMIT ?",
                (name, most),
            ).fetchall()
        return [Delivery(*row[:4]) for row in found if row[4] <= now], found[0][4] if found else None

    def told(self, hook: Hook, deliveries: Sequence[Delivery]) -> None:
        """The other side has accepted these. A newer version that came meanwhile still waits."""
        with self._writing():
            for one in deliveries:
                where = (hook.name, one.incident)
                asked = "SELECT version, event FROM known WHERE hook = ? AND incident = ?"
                version, waiting = self._db.execute(asked, where).fetchone() or (0, "")
                left = "" if version == one.version else rules.after_telling(waiting, hook.events)
                self._db.execute(
                    "UPDATE known SET event = ?, body = iif(? = '', NULL, body) WHERE hook = ? AND incident = ?",
                    (left, left, *where),
                )
            self._db.execute(
                "UPDATE hook SET failing_since = NULL, why = '', told = told + ? WHERE name = ?",
                (len(deliveries), hook.name),
            )

    def later(self, name: str, incidents: Iterable[str], due_at: int) -> None:
        """These are to be told again, not before `due_at`."""
        with self._writing():
            rows = [(due_at, name, incident) for incident in incidents]
            self._db.executemany("UPDATE known SET due_at = ? WHERE hook = ? AND incident = ?", rows)

    def failed(self, name: str, why: str, now: int) -> int:
        """The other side accepted nothing. Returns since when that has been so."""
        with self._writing():
            self._db.execute(
                "UPDATE hook SET failing_since = coalesce(failing_since, ?), why = ? WHERE name = ?", (now, why, name)
            )
            row = self._db.execute("SELECT failing_since FROM hook WHERE name = ?", (name,)).fetchone()
            return int(row[0]) if row else now

    def switch_off(self, name: str, why: str) -> None:
        """Send nothing more; what changes goes on being noted."""
        with self._writing():
            self._db.execute("UPDATE hook SET off = ? WHERE name = ?", (why, name))

    def forget(self, now: int) -> None:
        """Drop what was told and has not changed for KEPT_MS."""
        with self._writing():
            self._db.execute("DELETE FROM known WHERE event = '' AND at < ?", (now - KEPT_MS,))

    def _note(self, hook: Hook, one: Seen, room: bool, now: int) -> int | None:
        """How many more incidents wait for the hook: 0 or 1; None: there was no room for it."""
        change = one.change
        row = self._db.execute(
            "SELECT version, closed, event, due_at FROM known WHERE hook = ? AND incident = ?",
            (hook.name, change.incident_id),
        ).fetchone()
        before = Known(row[0], bool(row[1]), row[2]) if row else None
        if before is None and (one.at < hook.added_at - SLACK_MS or not hook.wants(change)):
            return 0
        if before is not None and before.version >= change.version:
            return 0
        event = rules.event(before, change.closed, hook.events)
        waits = before is not None and before.event != ""
        if event and not waits and not room:
            return None
        due_at = row[3] if waits else now + MOMENT_MS
        self._db.execute(
            "INSERT OR REPLACE INTO known VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                hook.name,
                change.incident_id,
                change.version,
                change.closed,
                event,
                one.body if event else None,
                due_at,
                now,
            ),
        )
        return bool(event) - waits

    def _hooks(self, which: str, *values: str) -> list[Hook]:
        with self._lock:
            found = self._db.execute(f"SELECT {_COLUMNS} FROM hook {which}", values).fetchall()  # noqa: S608 ours
        return [
            Hook(name, officer, url, secret, _list(events), _list(categories), area, severity, bool(private), *rest)
            for name, officer, url, secret, events, categories, area, severity, private, *rest in found
        ]

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._lock, files.transaction(self._db):
            yield


def _list(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split(",") if part)
