"""What was done on the board besides actions: signing in, looking at personal data, changing accounts."""

from __future__ import annotations

from dashboards.board.accounts.database import Database, Row

MOST = 200_000  # kept; the oldest go


class Events:
    """Who did what, when, from where. Never a password, a name or a number that was looked at."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(self, name: str, what: str, now: int, address: str = "", detail: str = "", incident: str = "") -> None:
        """Keep one event; `now`: ms."""
        values = (now, name, address, what, detail[:300], incident)
        self._database.do(
            "INSERT INTO events (at, name, address, what, detail, incident) VALUES (?, ?, ?, ?, ?, ?)", values
        )
        self._database.do("DELETE FROM events WHERE id <= (SELECT max(id) FROM events) - ?", (MOST,))

    def latest(self, limit: int) -> list[Row]:
        """The newest first."""
        return self._database.ask("SELECT * FROM events ORDER BY id DESC LIMIT ?", (limit,))

    def of_incident(self, incident: str, limit: int = 100) -> list[Row]:
        """Who looked at personal data of an incident's reporters, the newest first."""
        return self._database.ask("SELECT * FROM events WHERE incident = ? ORDER BY id DESC LIMIT ?", (incident, limit))
