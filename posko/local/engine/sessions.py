"""HTTP sessions: a handle of their own, from the first statement that leaves something behind (SET, a temporary table).

clickhouse-connect names a session in every request, but hardly ever puts anything into it; such sessions cost nothing.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from posko.local.engine.auth import Role
from posko.local.engine.errors import (
    SESSION_IS_LOCKED,
    SESSION_NOT_FOUND,
    TOO_MANY_SIMULTANEOUS_QUERIES,
    ClickHouseError,
)

if TYPE_CHECKING:  # chDB takes a moment to load
    from posko.local.engine.handle import Handle

MAX_TIMEOUT = 3600.0


@dataclass
class _Session:
    handle: Handle
    busy: bool
    expires: float


class Sessions:
    """Sessions by user and name."""

    def __init__(
        self, connect: Callable[[Role], Handle], most: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`most`: how many may exist at a time; `clock` counts seconds."""
        self._connect = connect
        self._most = most
        self._clock = clock
        self._sessions: dict[tuple[str, str], _Session] = {}
        self._lock = threading.Lock()

    def exists(self, user: str, name: str) -> bool:
        """Whether the session has state that a statement must see."""
        with self._lock:
            self._expire()
            return (user, name) in self._sessions

    def require(self, user: str, name: str) -> None:
        """ClickHouseError 372 unless the session exists (`session_check=1`)."""
        if not self.exists(user, name):
            raise ClickHouseError.say(SESSION_NOT_FOUND, f"Session {name!r} is not found or has no state")

    @contextmanager
    def handle(self, user: str, name: str, role: Role, timeout: float) -> Iterator[Handle]:
        """The session's handle, made if need be; it stays for `timeout` seconds after its last use.

        Raises ClickHouseError 373 when another request uses the session, 202 when there are too many sessions.
        """
        session = self._take(user, name, role)
        try:
            yield session.handle
        finally:
            with self._lock:
                session.busy = False
                session.expires = self._clock() + min(timeout, MAX_TIMEOUT)

    def _take(self, user: str, name: str, role: Role) -> _Session:
        with self._lock:
            self._expire()
            session = self._sessions.get((user, name))
            if session is None:
                if len(self._sessions) >= self._most:
                    raise ClickHouseError.say(
                        TOO_MANY_SIMULTANEOUS_QUERIES,
                        f"Too many sessions with state: {self._most}; let some expire",
                        503,
                    )
                session = self._sessions[user, name] = _Session(self._connect(role), False, 0)
            if session.busy:
                raise ClickHouseError.say(SESSION_IS_LOCKED, f"Session {name!r} is locked by a concurrent client")
            session.busy = True
            return session

    def _expire(self) -> None:
        now = self._clock()
        for key in [key for key, session in self._sessions.items() if not session.busy and session.expires <= now]:
            self._sessions.pop(key).handle.close()

    def close(self) -> None:
        """Close all; no request may be running."""
        with self._lock:
            for session in self._sessions.values():
                session.handle.close()
            self._sessions.clear()
