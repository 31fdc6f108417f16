"""Threads in lanes, so that long reads never hold up inserts, and handles that are used again."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from posko.local.engine.auth import Role
from posko.local.engine.errors import TOO_MANY_SIMULTANEOUS_QUERIES, ClickHouseError

if TYPE_CHECKING:  # chDB takes a moment to load
    from posko.local.engine.handle import Handle

T = TypeVar("T")


class Lane:
    """A number of threads and a bounded queue before them."""

    def __init__(self, name: str, threads: int, queue: int, patience: float) -> None:
        """`patience`: seconds that a request waits for a thread."""
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=f"engine-{name}")
        self._free = asyncio.Semaphore(threads)
        self._waiting = 0
        self.active = 0  # requests that have a thread
        self._queue = queue
        self._patience = patience
        self.name = name

    async def run(self, work: Callable[[], T]) -> T:
        """Run `work` in a thread of this lane. ClickHouseError 202 when too many wait already, or for too long.

        When the caller is cancelled, `work` still runs to its end and keeps its place until then.
        """
        if self._free.locked() and self._waiting >= self._queue:
            raise self._full(f"{self._queue} requests are waiting")
        self._waiting += 1
        try:
            await asyncio.wait_for(self._free.acquire(), self._patience)
        except TimeoutError:
            raise self._full(f"no place became free in {self._patience:g} s") from None
        finally:
            self._waiting -= 1
        self.active += 1
        future = asyncio.get_running_loop().run_in_executor(self._threads, work)
        future.add_done_callback(self._done)
        return await asyncio.shield(future)

    def _done(self, future: asyncio.Future[T]) -> None:
        self.active -= 1
        self._free.release()
        if not future.cancelled():
            future.exception()  # seen, even if the caller has gone

    def _full(self, why: str) -> ClickHouseError:
        return ClickHouseError.say(
            TOO_MANY_SIMULTANEOUS_QUERIES, f"Too many simultaneous queries for {self.name}: {why}", 503
        )

    def close(self) -> None:
        self._threads.shutdown(wait=True, cancel_futures=True)


class Handles:
    """Idle handles by role. There are never more than threads that use them."""

    def __init__(self, connect: Callable[[Role], Handle]) -> None:
        self._connect = connect
        self._idle: dict[Role, list[Handle]] = {role: [] for role in Role}
        self._lock = threading.Lock()

    @contextmanager
    def borrowed(self, role: Role) -> Iterator[Handle]:
        """A handle in whatever state its last user left it; for what does not depend on that."""
        handle = self._idle_one(role) or self._connect(role)
        with self._returned(handle):
            yield handle

    @contextmanager
    def prepared(self, role: Role, database: str, settings: Mapping[str, str]) -> Iterator[Handle]:
        """A handle with this current database and these settings; the user leaves nothing else behind."""
        handle = self._idle_one(role)
        try:
            if handle is not None:
                handle.prepare(database, settings)
        except ClickHouseError:  # perhaps its last user's doing: some settings cannot be undone
            assert handle is not None
            handle.close()
            handle = None
        handle = handle or self._new(role, database, settings)
        with self._returned(handle):
            yield handle

    @contextmanager
    def fresh(self, role: Role, database: str, settings: Mapping[str, str]) -> Iterator[Handle]:
        """A handle for one use, for statements that leave something behind."""
        handle = self._new(role, database, settings)
        try:
            yield handle
        finally:
            handle.close()

    def _new(self, role: Role, database: str, settings: Mapping[str, str]) -> Handle:
        handle = self._connect(role)
        try:
            handle.prepare(database, settings)
        except BaseException:
            handle.close()
            raise
        return handle

    @contextmanager
    def _returned(self, handle: Handle) -> Iterator[None]:
        try:
            yield
        except ClickHouseError:
            self._back(handle)
            raise
        except BaseException:
            handle.close()
            raise
        else:
            self._back(handle)

    def _idle_one(self, role: Role) -> Handle | None:
        with self._lock:
            return self._idle[role].pop() if self._idle[role] else None

    def _back(self, handle: Handle) -> None:
        with self._lock:
            self._idle[handle.role].append(handle)

    def close(self) -> None:
        """Close the idle ones; all are idle once the lanes are closed."""
        with self._lock:
            for idle in self._idle.values():
                while idle:
                    idle.pop().close()
