"""After failed tries to sign in, an account and an address wait: a minute, then twice as long each time."""

from __future__ import annotations

import hashlib

from dashboards.board.accounts.database import Database

FREE = {"account": 5, "address": 20}  # failures before anybody waits; many people may share an address
FIRST_MS, LONGEST_MS = 60_000, 15 * 60_000
FORGOTTEN_MS = 24 * 3600_000
MOST = 10_000  # keys remembered


class Lockout:
    """Failures by account and by address. The account need not exist: nobody learns which do."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def wait_ms(self, account: str, address: str, now: int) -> int:
        """How long this account or this address still has to wait."""
        keys = [_key("account", account), _key("address", address)]
        found = self._database.ask("SELECT max(until) AS until FROM tries WHERE key IN (?, ?)", keys)
        return max(0, (found[0]["until"] or 0) - now)

    def failed(self, account: str, address: str, now: int) -> None:
        """Somebody was not who they said."""
        for what, value in (("account", account), ("address", address)):
            self._database.do(
                "INSERT INTO tries VALUES (?, 1, ?, 0) ON CONFLICT DO UPDATE SET failures = failures + 1, last_at = ?",
                (_key(what, value), now, now),
            )
            [row] = self._database.ask("SELECT failures FROM tries WHERE key = ?", (_key(what, value),))
            if (over := row["failures"] - FREE[what]) >= 0:
                until = now + min(LONGEST_MS, FIRST_MS << min(over, 10))
                self._database.do("UPDATE tries SET until = ? WHERE key = ?", (until, _key(what, value)))
        self._database.do(
            "DELETE FROM tries WHERE last_at < ? OR key NOT IN (SELECT key FROM tries ORDER BY last_at DESC LIMIT ?)",
            (now - FORGOTTEN_MS, MOST),
        )

    def succeeded(self, account: str) -> None:
        """The account's failures are forgotten; the address's stay, others may be guessing from there."""
        self._database.do("DELETE FROM tries WHERE key = ?", (_key("account", account),))


def _key(what: str, value: str) -> str:
    """What is kept of a name that somebody typed: it may be a password in the wrong field."""
    return f"{what}:{hashlib.sha256(value.encode()).hexdigest()}"
