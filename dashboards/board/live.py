"""The incidents as they are now, in memory, and who is told when one changes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol

from dashboards.board.situation import Incident
from dashboards.board.warehouse import AWAY, CLOSED_HOURS, MOST_INCIDENTS
from posko import log
from posko.errors import first_line
from posko.outage import Outage

LOOK_S = 0.7  # between two looks at what is new
AGAIN_S = 600.0  # between two looks at everything: after a rebuild, and against whatever was missed
OVERLAP_MS = 3000  # what was stored while the last look ran is looked at twice
MOST_WATCHERS = 300  # pages that are told of changes at the same time
HOUR_MS = 3600_000

Loaded = Awaitable[tuple[list[Incident], int]]


class Source(Protocol):
    """Where incidents come from: `board.warehouse.Warehouse`."""

    def everything(self) -> Loaded: ...
    def changed(self, since: int) -> Loaded: ...


class TooManyWatchers(Exception):
    """No further page can be told of changes."""


class Watcher:
    """What changed since a page last looked, each incident once however often it changed."""

    def __init__(self) -> None:
        self._changed: set[str] = set()
        self._wake = asyncio.Event()
        self.all = False  # everything was loaded anew

    def tell(self, ids: Iterable[str]) -> None:
        self._changed.update(ids)
        self._wake.set()

    def tell_all(self) -> None:
        self.all = True
        self._wake.set()

    async def news(self, patience: float) -> set[str]:
        """The ids that changed, as soon as there are any; none after `patience` seconds."""
        try:
            await asyncio.wait_for(self._wake.wait(), patience)
        except TimeoutError:
            return set()
        self._wake.clear()
        found, self._changed = self._changed, set()
        return found


class Live:
    """Looks at ClickHouse again and again; while it is away the last state stays, and `away` is true."""

    def __init__(self, source: Source, now: Callable[[], int]) -> None:
        self._source, self._now = source, now
        self.incidents: dict[str, Incident] = {}
        self.away = True
        self.closing = False
        self._watchers: set[Watcher] = set()
        self._stored = 0
        self._outage = Outage(log.get("dashboards"), "ClickHouse")

    @property
    def watchers(self) -> int:
        return len(self._watchers)

    @contextmanager
    def watched(self) -> Iterator[Watcher]:
        """A watcher for as long as the block runs. Raises TooManyWatchers."""
        if len(self._watchers) >= MOST_WATCHERS:
            raise TooManyWatchers
        watcher = Watcher()
        self._watchers.add(watcher)
        try:
            yield watcher
        finally:
            self._watchers.discard(watcher)

    async def run(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Look until cancelled."""
        again = clock()
        while True:
            try:
                if clock() >= again:
                    await self.load()
                    again = clock() + AGAIN_S
                else:
                    await self.look()
                self._outage.up()
                self._set_away(False)
            except AWAY as error:
                self._outage.down(error=first_line(error))
                self._set_away(True)
            await asyncio.sleep(LOOK_S)

    async def load(self) -> None:
        """Everything anew."""
        found, self._stored = await self._source.everything()
        self.incidents = {one.incident_id: one for one in found}
        for watcher in self._watchers:
            watcher.tell_all()

    async def look(self) -> None:
        """What is new since the last look."""
        found, stored = await self._source.changed(self._stored - OVERLAP_MS)
        self._stored = max(self._stored, stored)
        self.take(found)

    def take(self, found: Iterable[Incident]) -> None:
        """Newer states replace older ones, and who watches is told."""
        newer = [one for one in found if self._is_newer(one)]
        if not newer:
            return
        self.incidents.update((one.incident_id, one) for one in newer)
        self._forget()
        for watcher in self._watchers:
            watcher.tell(one.incident_id for one in newer)

    def close(self) -> None:
        """End every page's stream: the process ends."""
        self.closing = True
        for watcher in self._watchers:
            watcher.tell(())

    def _is_newer(self, one: Incident) -> bool:
        known = self.incidents.get(one.incident_id)
        return known is None or one.version > known.version

    def _forget(self) -> None:
        """Closed ones go first, the longest untouched before others."""
        if len(self.incidents) <= MOST_INCIDENTS:
            return
        old = self._now() - CLOSED_HOURS * HOUR_MS
        kept = [one for one in self.incidents.values() if one.is_open or one.updated_at > old]
        kept.sort(key=lambda one: (one.is_open, one.updated_at), reverse=True)
        self.incidents = {one.incident_id: one for one in kept[: MOST_INCIDENTS * 9 // 10]}

    def _set_away(self, away: bool) -> None:
        if away != self.away:
            self.away = away
            for watcher in self._watchers:
                watcher.tell(())
