"""Sessions on the server's side: the browser has a random token, the database its hash."""

from __future__ import annotations

import hashlib
import secrets

from dashboards.board.accounts.database import Database
from dashboards.board.accounts.users import User, Users

IDLE_MS = 4 * 3600_000  # nothing asked for so long: an open page does not count as asking
ABSOLUTE_MS = 14 * 3600_000  # a long shift
SEEN_EVERY_MS = 60_000  # how often it is noted that somebody is there
MOST_OF_ONE = 20  # sessions of an account; the oldest goes


class Sessions:
    """Who is signed in. Times are ms since 1970."""

    def __init__(self, database: Database, users: Users) -> None:
        self._database, self._users = database, users

    def begin(self, name: str, now: int) -> str:
        """The token of a new session."""
        token = secrets.token_urlsafe(32)
        self._database.do("INSERT INTO sessions VALUES (?, ?, ?, ?)", (_kept(token), name, now, now))
        self._database.do("DELETE FROM sessions WHERE seen_at < ? OR made_at < ?", (now - IDLE_MS, now - ABSOLUTE_MS))
        self._database.do(
            "DELETE FROM sessions WHERE name = ? AND token NOT IN "
            "(SELECT token FROM sessions WHERE name = ? ORDER BY made_at DESC, rowid DESC LIMIT ?)",
            (name, name, MOST_OF_ONE),
        )
        return token

    def whose(self, token: str, now: int, active: bool = True) -> User | None:
        """The account of a session that holds; `active`: the person did something, so the idle time begins anew."""
        if not token:
            return None
        found = self._database.ask("SELECT * FROM sessions WHERE token = ?", (_kept(token),))
        if not found or now - found[0]["seen_at"] > IDLE_MS or now - found[0]["made_at"] > ABSOLUTE_MS:
            return None
        if active and now - found[0]["seen_at"] > SEEN_EVERY_MS:
            self._database.do("UPDATE sessions SET seen_at = ? WHERE token = ?", (now, _kept(token)))
        user = self._users.get(found[0]["name"])
        return user if user and not user.disabled else None

    def end(self, token: str) -> None:
        """Sign out."""
        self._database.do("DELETE FROM sessions WHERE token = ?", (_kept(token),))


def _kept(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
