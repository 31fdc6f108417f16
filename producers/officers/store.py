"""The officers of an instance, in one SQLite file: who they are, their personal links, the tokens of their phones."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from producers import files
from producers.officers import keys
from producers.officers.officer import Language, Officer

LINK_MS = 14 * 24 * 3_600_000  # a link that nobody used by then is void
AGAIN_MS = 24 * 3_600_000  # so long the phone that used a link may ask again: its network may have lost the answer
REMEMBERED = 50_000  # tokens looked up lately, at most
LOOK_S = 0.1  # between two looks whether another process has changed something

Put = Literal["added", "changed", "same", "revoked"]
_COLUMNS = "id, name, phone, role, institution, area, language, program"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS officer (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, phone TEXT NOT NULL, role TEXT NOT NULL, institution TEXT NOT NULL,
    area TEXT NOT NULL, language TEXT NOT NULL, program INTEGER NOT NULL, added_at INTEGER NOT NULL, revoked_at INTEGER
) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS officer_phone ON officer (phone) WHERE phone <> '' AND revoked_at IS NULL;
CREATE TABLE IF NOT EXISTS link (
    hash BLOB PRIMARY KEY, officer TEXT NOT NULL, made_at INTEGER NOT NULL, expires_at INTEGER NOT NULL,
    used_at INTEGER, device BLOB
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS link_officer ON link (officer);
CREATE TABLE IF NOT EXISTS token (
    hash BLOB PRIMARY KEY, officer TEXT NOT NULL, made_at INTEGER NOT NULL, link BLOB
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS token_officer ON token (officer);
"""
_PUT = f"""
INSERT INTO officer ({_COLUMNS}, added_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET name = excluded.name, phone = excluded.phone, role = excluded.role,
    institution = excluded.institution, area = excluded.area, language = excluded.language, program = excluded.program,
    revoked_at = NULL
"""  # noqa: S608 columns of our own


class LinkRefused(Exception):
    """A personal link does not sign in. `reason`: `link_unknown`, `link_used` or `link_expired`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class PhoneTaken(Exception):
    """Another officer has this phone number already; `officer` is that one's id."""

    def __init__(self, officer: str) -> None:
        super().__init__(f"The phone number belongs to officer {officer} already")
        self.officer = officer


class Officers:
    """Safe to use from several threads and several processes at once. Times are milliseconds since 1970 UTC."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        """Opens the file `path`, or makes it, readable by its owner only. `clock`: steady seconds."""
        self._lock = threading.RLock()
        self._db = files.opened(path, power_cut="keeps")  # a revocation must not be undone by a power cut
        self._db.executescript(_SCHEMA)
        self._tokens: dict[str, Officer] = {}
        self._clock = clock
        self._look_at = 0.0
        self._version = -1

    def close(self) -> None:
        """Give the file back."""
        with self._lock:
            self._db.close()

    def put(self, officer: Officer, now: int, reinstate: bool = False) -> Put:
        """Add an officer or change what is known of one. A revoked one stays so unless `reinstate`.

        Raises PhoneTaken.
        """
        return self.put_all([officer], now, reinstate)[0]

    def put_all(self, officers: Iterable[Officer], now: int, reinstate: bool = False) -> list[Put]:
        """`put` for many, all or none. Raises PhoneTaken."""
        with self._writing():
            return [self._put(officer, now, reinstate) for officer in officers]

    def revoke(self, id: str, now: int) -> bool:
        """Take an officer's right to send, their link and their phones' tokens; False when there is nobody to take
        it from."""
        with self._writing():
            done = self._db.execute("UPDATE officer SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", (now, id))
            self._db.execute("DELETE FROM token WHERE officer = ?", (id,))
            self._db.execute("DELETE FROM link WHERE officer = ?", (id,))
            return done.rowcount == 1

    def get(self, id: str) -> Officer | None:
        """The officer with this id, unless revoked."""
        return self._one("id = ?", id)

    def by_phone(self, e164: str) -> Officer | None:
        """The officer with this phone number (`+62812...`), unless revoked."""
        return self._one("phone = ?", e164) if e164 else None

    def by_token(self, token: str) -> Officer | None:
        """The officer whose phone has this token, unless revoked; asked for each request, so remembered in memory.

        What another process changes in the file (`posko officer revoke`) holds a tenth of a second later.
        """
        with self._lock:
            self._look_for_changes()
            if known := self._tokens.get(token):
                return known
            where = "id = (SELECT officer FROM token WHERE hash = ?)"
            found = self._one(where, keys.hashed(token)) if len(token) == keys.LENGTH else None
            if found:
                if len(self._tokens) >= REMEMBERED:
                    self._tokens.clear()
                self._tokens[token] = found
            return found

    def listed(self, revoked: bool = False) -> list[Officer]:
        """All officers by id: those who may send, or those who may no longer."""
        with self._lock:
            where = "revoked_at IS NOT NULL" if revoked else "revoked_at IS NULL"
            found = self._db.execute(f"SELECT {_COLUMNS} FROM officer WHERE {where} ORDER BY id")  # noqa: S608
            return [_officer(row) for row in found]

    def phones(self, id: str) -> int:
        """How many phones are signed in for an officer."""
        with self._lock:
            [(count,)] = self._db.execute("SELECT count(*) FROM token WHERE officer = ?", (id,))
            return int(count)

    def make_link(self, id: str, now: int, lasts_ms: int = LINK_MS) -> str:
        """The key of a new personal link; an earlier one that nobody used is void. KeyError without such an officer."""
        if self.get(id) is None:
            raise KeyError(id)
        key = keys.made()
        with self._writing():
            self._db.execute("DELETE FROM link WHERE officer = ? AND used_at IS NULL", (id,))
            self._db.execute(
                "INSERT INTO link VALUES (?, ?, ?, ?, NULL, NULL)", (keys.hashed(key), id, now, now + lasts_ms)
            )
        return key

    def make_token(self, id: str, now: int) -> str:
        """A token without a link, for an agency's program. KeyError without such an officer."""
        if self.get(id) is None:
            raise KeyError(id)
        with self._writing():
            return self._token(id, now, None)

    def sign_in(self, key: str, device: str, now: int) -> tuple[Officer, str]:
        """The officer of a personal link, and a token for the phone that shows it. A link signs in one phone.

        `device` is what the phone made up to be known by: within a day the same phone may repeat the call, when the
        answer was lost on its way; its earlier token ends then. Raises LinkRefused.
        """
        link = keys.hashed(key)
        with self._writing():
            row = self._db.execute("SELECT officer, expires_at, used_at, device FROM link WHERE hash = ?", (link,))
            officer, expires_at, used_at, used_by = row.fetchone() or ("", 0, None, None)
            known = self.get(officer)
            if known is None:
                raise LinkRefused("link_unknown")
            if used_at is not None and not (device and used_by == keys.hashed(device) and now < used_at + AGAIN_MS):
                raise LinkRefused("link_used")
            if used_at is None and now >= expires_at:
                raise LinkRefused("link_expired")
            self._db.execute("DELETE FROM token WHERE link = ?", (link,))
            self._db.execute(
                "UPDATE link SET used_at = ?, device = ? WHERE hash = ?",
                (now if used_at is None else used_at, keys.hashed(device) if device else None, link),
            )
            return known, self._token(officer, now, link)

    def sign_out(self, token: str) -> bool:
        """End a token; False when there is none such."""
        with self._writing():
            return self._db.execute("DELETE FROM token WHERE hash = ?", (keys.hashed(token),)).rowcount == 1

    def _token(self, id: str, now: int, link: bytes | None) -> str:
        token = keys.made()
        self._db.execute("INSERT INTO token VALUES (?, ?, ?, ?)", (keys.hashed(token), id, now, link))
        return token

    def _put(self, officer: Officer, now: int, reinstate: bool) -> Put:
        row = self._db.execute(f"SELECT {_COLUMNS}, revoked_at FROM officer WHERE id = ?", (officer.id,)).fetchone()  # noqa: S608
        if row is not None and row[-1] is not None and not reinstate:
            return "revoked"
        if row is not None and row[-1] is None and _officer(row[:-1]) == officer:
            return "same"
        holder = self.by_phone(officer.phone)
        if holder and holder.id != officer.id:
            raise PhoneTaken(holder.id)
        values = (officer.id, officer.name, officer.phone, officer.role, officer.institution, officer.area,
                  officer.language, officer.program, now)  # fmt: skip
        self._db.execute(_PUT, values)
        return "added" if row is None else "changed"

    def _look_for_changes(self) -> None:
        """Forget what is remembered of tokens when another process has written."""
        if (now := self._clock()) < self._look_at:
            return
        self._look_at = now + LOOK_S
        (version,) = self._db.execute("PRAGMA data_version").fetchone()
        if version != self._version:
            self._version = version
            self._tokens.clear()

    def _one(self, where: str, value: str | bytes) -> Officer | None:
        with self._lock:
            asked = f"SELECT {_COLUMNS} FROM officer WHERE {where} AND revoked_at IS NULL"  # noqa: S608 ours
            row = self._db.execute(asked, (value,)).fetchone()
            return _officer(row) if row else None

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One transaction; what is remembered of tokens is forgotten with it."""
        with self._lock:
            try:
                with files.transaction(self._db):
                    yield
            finally:
                self._tokens.clear()


def _officer(row: tuple[str, str, str, str, str, str, Language, int]) -> Officer:
    id, name, phone, role, institution, area, language, program = row
    return Officer(id, name, phone, role, institution, area, language, bool(program))
