"""Accounts: name, role, area, password. Names of people are not needed; an account may be a desk (`meja-2`)."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from dashboards.board.accounts import passwords
from dashboards.board.accounts.database import Database, Row
from dashboards.board.roles import ROLES

_NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")


class AccountError(Exception):
    """What was asked of an account cannot be; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class User:
    """`areas`: Kemendagri codes, none: the whole election's area. `oidc`: whom an institution's sign-in calls so."""

    name: str
    role: str
    areas: tuple[str, ...]
    institution: str
    must_change: bool
    disabled: bool
    oidc: str | None


class Users:
    """The accounts in the board's database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self, name: str, role: str, areas: Sequence[str], institution: str, now: int, oidc: str | None = None
    ) -> str:
        """Make an account and return its one-time password. `now`: ms. Raises AccountError."""
        if not _NAME.fullmatch(name):
            raise AccountError(f"{name!r} is no account name; use 2 to 64 of a-z, 0-9 and . _ @ -")
        if role not in ROLES:
            raise AccountError(f"There is no role {role!r}; the roles are {', '.join(ROLES)}")
        password = passwords.once()
        values = (name, role, json.dumps(list(areas)), institution, passwords.hashed(password), oidc or None, now)
        try:
            self._database.do(
                "INSERT INTO users (name, role, areas, institution, password, must_change, oidc, made_at) "
                "VALUES (?, ?, ?, ?, ?, 1, ?, ?)",
                values,
            )
        except sqlite3.IntegrityError as error:
            raise AccountError(f"There is an account {name!r} (or with that OpenID subject) already") from error
        return password

    def get(self, name: str) -> User | None:
        """The account of that name."""
        found = self._database.ask("SELECT * FROM users WHERE name = ?", (name,))
        return _user(found[0]) if found else None

    def by_oidc(self, subject: str) -> User | None:
        """The account that an institution's sign-in belongs to."""
        found = self._database.ask("SELECT * FROM users WHERE oidc = ?", (subject,))
        return _user(found[0]) if found else None

    def all(self) -> list[User]:
        """Every account, by name."""
        return [_user(row) for row in self._database.ask("SELECT * FROM users ORDER BY name")]

    def password_of(self, name: str) -> str:
        """The hash kept for an account that may sign in; `""` when there is none."""
        found = self._database.ask("SELECT password FROM users WHERE name = ? AND NOT disabled", (name,))
        return str(found[0]["password"]) if found else ""

    def renew(self, name: str) -> str:
        """A new one-time password; whoever is signed in with the account is signed out. Raises AccountError."""
        password = passwords.once()
        self._set(name, "password = ?, must_change = 1", passwords.hashed(password))
        self.sign_out(name)
        return password

    def choose(self, name: str, hashed: str) -> None:
        """The password that its owner chose; every session of the account ends. Raises AccountError."""
        self._set(name, "password = ?, must_change = 0", hashed)
        self.sign_out(name)

    def disable(self, name: str) -> None:
        """Nobody signs in with the account any more, and who is signed in is out. Raises AccountError."""
        self._set(name, "disabled = ?", 1)
        self.sign_out(name)

    def sign_out(self, name: str) -> None:
        """End all sessions of an account."""
        self._database.do("DELETE FROM sessions WHERE name = ?", (name,))

    def _set(self, name: str, change: str, value: object) -> None:
        if not self._database.do(f"UPDATE users SET {change} WHERE name = ?", (value, name)):  # noqa: S608 - our own text
            raise AccountError(f"There is no account {name!r}; posko board user list shows them")


def _user(row: Row) -> User:
    return User(
        row["name"], row["role"], tuple(json.loads(row["areas"])), row["institution"], bool(row["must_change"]),
        bool(row["disabled"]), row["oidc"],
    )  # fmt: skip
