"""ClickHouse's query cache, which chDB has and never fills (its size there is always 0).

As on a server a query asks for it itself, with `SETTINGS use_query_cache = 1, query_cache_ttl = SECONDS`, and gets an
answer at most that old; of the same queries at the same time one is asked and the others wait for its answer. What
counts as the same: user, role, database, text, parameters, settings, format.
"""

from __future__ import annotations

import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from posko.local.engine.request import Request

MOST_BYTES = 32 << 20  # of all answers
MOST_OF_ONE = 1 << 20
MOST_SECONDS = 60.0
WAIT_S = 30.0  # for somebody else's answer to the same query; then it is asked again

_ASKED = re.compile(r"\buse_query_cache\s*=\s*1\b")
_TTL = re.compile(r"\bquery_cache_ttl\s*=\s*(\d{1,6})\b")


def seconds(request: Request) -> float:
    """How old an answer to this request may be; 0 when it does not ask for the cache, or cannot have it."""
    if request.session or request.externals or request.insert is not None:
        return 0.0
    tail = request.query[-1000:]
    if not _ASKED.search(tail):
        return 0.0
    found = _TTL.search(tail)
    return min(MOST_SECONDS, float(found[1])) if found else MOST_SECONDS


def key(request: Request, user: str, role: str) -> Hashable:
    """The same for requests that get the same answer."""
    parameters, settings = (tuple(sorted(one.items())) for one in (request.parameters, request.settings))
    return user, role, request.database, request.format, parameters, settings, request.query, request.read_only


@dataclass
class _Entry:
    """An answer, or None while it is being made."""

    made: threading.Event
    data: bytes | None = None
    until: float = 0.0


class QueryCache:
    """Answers by key, bounded; used by several threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._entries: OrderedDict[Hashable, _Entry] = OrderedDict()
        self._bytes = 0

    def claim(self, one: Hashable) -> bytes | None:
        """The answer; None: it is for the caller to find it, and to `settle` afterwards, whatever happens."""
        deadline = self._clock() + WAIT_S
        while True:
            with self._lock:
                entry = self._entries.get(one)
                if entry is not None and entry.data is not None and entry.until > self._clock():
                    return entry.data
                if entry is None or entry.data is not None or self._clock() > deadline:
                    self._forget(one)
                    self._entries[one] = _Entry(threading.Event())
                    return None
            entry.made.wait(WAIT_S)

    def settle(self, one: Hashable, data: bytes | None, ttl: float) -> None:
        """Keep what was found for `ttl` seconds; None or too much: nothing is kept."""
        with self._lock:
            entry = self._entries.get(one)
            if entry is None:
                return
            if data is None or len(data) > MOST_OF_ONE:
                self._forget(one)
            else:
                entry.data, entry.until = data, self._clock() + ttl
                self._bytes += len(data)
                self._make_room()
            entry.made.set()

    def _make_room(self) -> None:
        for one in [one for one, entry in self._entries.items() if entry.data is not None]:
            if self._bytes <= MOST_BYTES and self._entries[one].until > self._clock():
                continue
            self._forget(one)

    def _forget(self, one: Hashable) -> None:
        entry = self._entries.pop(one, None)
        if entry is not None:
            self._bytes -= len(entry.data or b"")
            entry.made.set()
