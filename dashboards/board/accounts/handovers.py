"""Notes that one shift leaves for the next."""

from __future__ import annotations

import json
from typing import Any

from dashboards.board.accounts.database import Database, Row

MAX_TEXT = 4000
MOST = 2000  # kept


class Handovers:
    """Notes with the figures of the moment; the next shift says that it has read them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def leave(self, name: str, area: str, text: str, figures: dict[str, Any], now: int) -> None:
        """Keep a note about an area (`""`: all); `figures` as they are shown with it."""
        self._database.do(
            "INSERT INTO handovers (at, name, area, text, figures) VALUES (?, ?, ?, ?, ?)",
            (now, name, area, text[:MAX_TEXT], json.dumps(figures)),
        )
        self._database.do("DELETE FROM handovers WHERE id <= (SELECT max(id) FROM handovers) - ?", (MOST,))

    def take(self, number: int, name: str, now: int) -> bool:
        """Somebody takes over; false when it was taken already."""
        sql = "UPDATE handovers SET taken_by = ?, taken_at = ? WHERE id = ? AND taken_by = ''"
        return self._database.do(sql, (name, now, number)) > 0

    def get(self, number: int) -> Row | None:
        """One note."""
        return next(iter(self._of("WHERE id = ?", (number,))), None)

    def latest(self, limit: int = 50) -> list[Row]:
        """The newest first."""
        return self._of("ORDER BY id DESC LIMIT ?", (limit,))

    def _of(self, which: str, values: tuple[Any, ...]) -> list[Row]:
        rows = self._database.ask(f"SELECT * FROM handovers {which}", values)  # noqa: S608 - our own text
        return [{**row, "figures": json.loads(row["figures"])} for row in rows]
