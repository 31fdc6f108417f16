"""The board's own file, `board.sqlite3` in the instance's folder; server and `posko board user` share it."""

from __future__ import annotations

import os
import secrets
import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

NAME = "board.sqlite3"
BUSY_S = 5.0  # how long one process waits for the other's write

_SCHEMA = """
CREATE TABLE IF NOT EXISTS users (
    name TEXT PRIMARY KEY, role TEXT NOT NULL, areas TEXT NOT NULL, institution TEXT NOT NULL, password TEXT NOT NULL,
    must_change INTEGER NOT NULL, disabled INTEGER NOT NULL DEFAULT 0, oidc TEXT UNIQUE, made_at INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS sessions (
    token TEXT PRIMARY KEY, name TEXT NOT NULL, made_at INTEGER NOT NULL, seen_at INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS tries (
    key TEXT PRIMARY KEY, failures INTEGER NOT NULL, last_at INTEGER NOT NULL, until INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS events (
    id INTEGER PRIMARY KEY, at INTEGER NOT NULL, name TEXT NOT NULL, address TEXT NOT NULL, what TEXT NOT NULL,
    detail TEXT NOT NULL, incident TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS events_of_incident ON events (incident) WHERE incident != '';
CREATE TABLE IF NOT EXISTS handovers (
    id INTEGER PRIMARY KEY, at INTEGER NOT NULL, name TEXT NOT NULL, area TEXT NOT NULL, text TEXT NOT NULL,
    figures TEXT NOT NULL, taken_by TEXT NOT NULL DEFAULT '', taken_at INTEGER
) STRICT;
CREATE TABLE IF NOT EXISTS keys (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
"""

Row = dict[str, Any]


class Database:
    """One connection, used by one thread at a time. Each `do` is a transaction of its own."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / NAME
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # before SQLite would make it for everybody to read
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        for setting in ("journal_mode = WAL", "synchronous = NORMAL", "secure_delete = ON"):
            self._connection.execute(f"PRAGMA {setting}")
        self._connection.executescript(_SCHEMA)

    def ask(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """The rows of a question."""
        with self._lock:
            return [dict(row) for row in self._connection.execute(sql, values)]

    def do(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Carry out one statement; the number of rows it changed."""
        with self._lock:
            return self._connection.execute(sql, values).rowcount

    def key(self, name: str) -> str:
        """A secret of this instance, made when it is first asked for."""
        self.do("INSERT INTO keys VALUES (?, ?) ON CONFLICT DO NOTHING", (name, secrets.token_hex(32)))
        return str(self.ask("SELECT value FROM keys WHERE name = ?", (name,))[0]["value"])

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()
