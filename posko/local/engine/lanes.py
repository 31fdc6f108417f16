"""Threads in lanes, so that long reads never hold up inserts, and handles that are used again."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from posko.local.engine.auth import Role
from posko.local.engine.errors import TOO_MANY_SIMULTANEOUS_QUERIES, ClickHouseError
from posko.local.engine.handle import Handle

T = TypeVar("T")


class Lane:
    """A number of threads and a bounded queue before them."""

    def __init__(self, name: str, threads: int, queue: int, patience: float) -> None:
        """`patience`: seconds that a request waits for a thread."""
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=f"engine-{name}")
        self._free = asyncio.Semaphore(threads)
        self._waiting = 0
        self._queue = queue
        self._patience = patience
        self._name = name

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
        future = asyncio.get_running_loop().run_in_executor(self._threads, work)
        future.add_done_callback(self._done)
        return await asyncio.shield(future)

    def _done(self, future: asyncio.Future[T]) -> None:
        self._free.release()
        if not future.cancelled():
            future.exception()  # seen, even if the caller has gone

    def _full(self, why: str) -> ClickHouseError:
        return ClickHouseError.say(
            TOO_MANY_SIMULTANEOUS_QUERIES, f"Too many simultaneous queries for {self._name}: {why}", 503
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
        """A handle with the state of `prepare` only; it must be left so."""
        with self._lock:
            idle = self._idle[role]
            handle = idle.pop() if idle else None
        handle = handle or self._connect(role)
        try:
            yield handle
        except ClickHouseError:
            self._back(handle)
            raise
        except BaseException:
            handle.close()
            raise
        else:
            self._back(handle)

    @contextmanager
    def fresh(self, role: Role) -> Iterator[Handle]:
        """A handle for one use, for statements that leave something behind."""
        handle = self._connect(role)
        try:
            yield handle
        finally:
            handle.close()

    def _back(self, handle: Handle) -> None:
        with self._lock:
            self._idle[handle.role].append(handle)

    def close(self) -> None:
        """Close the idle ones; all are idle once the lanes are closed."""
        with self._lock:
            for idle in self._idle.values():
                while idle:
                    idle.pop().close()
