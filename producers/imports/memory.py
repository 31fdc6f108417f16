"""Which files were imported, and how far: an import that was cut off goes on, a finished one is not repeated."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import NamedTuple

from producers import files

FILE = "imports.sqlite3"  # in the instance's folder


class Done(NamedTuple):
    """How far a file is imported: `row` is the number of the last row that is safe."""

    row: int
    sent: int
    wrong: int
    finished: bool


class Memory:
    """One SQLite file in the instance's folder; a file is known by its content and its mapping."""

    def __init__(self, path: Path) -> None:
        self._db = files.opened(path, power_cut="keeps")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS file (key TEXT PRIMARY KEY, row INTEGER NOT NULL, sent INTEGER NOT NULL, "
            "wrong INTEGER NOT NULL, finished INTEGER NOT NULL) WITHOUT ROWID"
        )

    def close(self) -> None:
        """Give the file back."""
        self._db.close()

    def of(self, key: str) -> Done:
        """How far a file is."""
        found = self._db.execute("SELECT row, sent, wrong, finished FROM file WHERE key = ?", (key,)).fetchone()
        return Done(found[0], found[1], found[2], bool(found[3])) if found else Done(0, 0, 0, False)

    def rows(self) -> tuple[int, int]:
        """Of all files that are remembered: rows that were sent, rows that were wrong."""
        [(sent, wrong)] = self._db.execute("SELECT coalesce(sum(sent), 0), coalesce(sum(wrong), 0) FROM file")
        return int(sent), int(wrong)

    def put(self, key: str, done: Done) -> None:
        """Remember how far it is."""
        self._db.execute("INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?, ?)", (key, *done[:3], int(done.finished)))

    def forget(self, key: str) -> None:
        """Begin again."""
        self._db.execute("DELETE FROM file WHERE key = ?", (key,))


def key_of(file: Path, mapping: Path | None) -> str:
    """The same for the same content and mapping."""
    digest = hashlib.sha256()
    for path in (file, mapping):
        if path is not None:
            with path.open("rb") as source:
                digest.update(hashlib.file_digest(source, "sha256").digest())
    return digest.hexdigest()
