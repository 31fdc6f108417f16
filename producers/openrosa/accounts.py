"""What the door for ODK keeps: passwords of officers as HA1, and files of submissions that come in several parts.

HA1 is made when the password is, from a random password of 80 bits that nobody chose: it opens this door only, and
nothing follows from it for another one. Whether somebody may still send is asked of the officers each time.
"""

from __future__ import annotations

import secrets
import threading
from base64 import b32encode
from pathlib import Path
from typing import Any

import orjson

from producers import files
from producers.openrosa.digest import ha1

PARTS_MS = 7 * 24 * 3_600_000  # so long the rest of a submission may take
MOST_PARTS = 50  # files of one submission that is not complete
_SCHEMA = """
CREATE TABLE IF NOT EXISTS account (
    officer TEXT PRIMARY KEY, ha1 TEXT NOT NULL, made_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS part (
    report TEXT NOT NULL, sender TEXT NOT NULL, name TEXT NOT NULL, at INTEGER NOT NULL, file BLOB NOT NULL,
    PRIMARY KEY (report, sender, name)
) WITHOUT ROWID;
"""


class Accounts:
    """Safe to use from several threads and processes. Times are milliseconds since 1970 UTC."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._db = files.opened(path, power_cut="keeps")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        """Give the file back."""
        with self._lock:
            self._db.close()

    def make(self, officer: str, now: int) -> str:
        """A new password for an officer (by id), shown this once; an earlier one ends."""
        password = b32encode(secrets.token_bytes(10)).decode().lower()
        with self._lock:
            self._db.execute("INSERT OR REPLACE INTO account VALUES (?, ?, ?)", (officer, ha1(officer, password), now))
        return password

    def ha1(self, officer: str) -> str:
        """What is kept of an officer's password, `""` without one."""
        with self._lock:
            row = self._db.execute("SELECT ha1 FROM account WHERE officer = ?", (officer,)).fetchone()
            return row[0] if row else ""

    def keep_part(self, report: str, sender: str, file: dict[str, Any], now: int) -> None:
        """Remember a stored file of a submission whose rest is still to come."""
        with self._lock:
            self._db.execute("DELETE FROM part WHERE at < ?", (now - PARTS_MS,))
            [(count,)] = self._db.execute("SELECT count(*) FROM part WHERE report = ? AND sender = ?", (report, sender))
            if count < MOST_PARTS:
                row = (report, sender, file["name"], now, orjson.dumps(file))
                self._db.execute("INSERT OR REPLACE INTO part VALUES (?, ?, ?, ?, ?)", row)

    def parts(self, report: str, sender: str) -> list[dict[str, Any]]:
        """The files of a submission that came before, by name. They are kept: an answer may be lost on its way."""
        with self._lock:
            asked = "SELECT file FROM part WHERE report = ? AND sender = ? ORDER BY name"
            return [orjson.loads(file) for (file,) in self._db.execute(asked, (report, sender))]
