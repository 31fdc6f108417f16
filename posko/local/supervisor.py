"""Keeps the services of an instance running: starts them in order, again when they end, stops them in reverse order."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import psutil

from posko import crash
from posko.local import child, logs
from posko.local.backoff import Backoff
from posko.local.services import TOPICS, Service
from posko.local.state import Board

PROBE_EVERY = 0.1  # seconds
SLOW = 60.0  # seconds after which a service that is not ready is spoken of


class Supervisor:
    """Services in dependency order, one task each. Used from one event loop in the main thread.

    The main thread matters: the kernel ends a child when the thread that started it ends, see `child`.
    """

    def __init__(
        self,
        services: list[Service],
        board: Board,
        log_folder: Path,
        topics: Callable[[], Awaitable[None]],
        backoff: Callable[[], Backoff] = Backoff,
    ) -> None:
        self._services = services
        self._board = board
        self._logs = log_folder
        self._topics = topics
        self._backoff = backoff
        self._ready = {name: asyncio.Event() for name in [TOPICS, *(service.name for service in services)]}
        self._processes: dict[str, Process] = {}
        self._stopping = False

    async def run(self, stop: asyncio.Event) -> None:
        """Run until `stop` is set, then stop everything. An error of the topics step stops everything and is raised."""
        self._board.phase("starting")
        keepers = {service.name: asyncio.create_task(self._keep(service)) for service in self._services}
        starting = asyncio.create_task(self._start_up())
        stopped = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({starting, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if starting.done() and starting.exception() is None:
                await stopped
        finally:
            starting.cancel()
            stopped.cancel()
            await self._stop_all(keepers)
        if not starting.cancelled() and (error := starting.exception() if starting.done() else None):
            raise error

    async def _start_up(self) -> None:
        if "kafka" in self._ready:
            await self._ready["kafka"].wait()
        await self._topics()
        self._ready[TOPICS].set()
        for event in self._ready.values():
            await event.wait()
        self._board.phase("running")

    async def _keep(self, service: Service) -> None:
        for need in service.needs:
            self._note(service, "waiting", f"for {need}")
            await self._ready[need].wait()
        backoff, restarts = self._backoff(), 0
        while not self._stopping:
            began = time.monotonic()
            ending = await self._once(service)
            if self._stopping:
                return
            wait, restarts = backoff.after(time.monotonic() - began), restarts + 1
            detail = f"{ending}; starting again in {wait:.1f} s; see {service.name}.log"
            self._board.service(
                service.name,
                state="restarting",
                since=time.time(),
                detail=detail,
                restarts=restarts,
                pid=None,
                started=None,
            )
            crash.point("supervisor.restarting")
            await asyncio.sleep(wait)

    async def _once(self, service: Service) -> str:
        """One life of the service's process. Returns how it ended."""
        if service.ready_file:
            service.ready_file.unlink(missing_ok=True)
        try:
            process = await self._spawn(service)
        except OSError as error:
            return f"could not be started: {error}"
        self._processes[service.name] = process
        assert process.stdout is not None
        following = asyncio.create_task(logs.follow(process.stdout, self._logs / f"{service.name}.log"))
        watching = asyncio.create_task(self._watch(service))
        try:
            status = await process.wait()
        finally:
            watching.cancel()
        await asyncio.wait({following}, timeout=2)  # a grandchild may hold the pipe open
        following.cancel()
        return _ending(status)

    async def _spawn(self, service: Service) -> Process:
        guarded = [sys.executable, "-IS", str(child.__file__), str(os.getpid()), *service.command]
        process = await asyncio.create_subprocess_exec(
            *guarded,
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=STDOUT,
            env={**os.environ, **service.env},
            start_new_session=True,  # Ctrl-C in a terminal goes to the supervisor alone, which stops them in order
        )
        try:
            started: float | None = psutil.Process(process.pid).create_time()
        except psutil.Error:
            started = None
        self._note(service, "starting", pid=process.pid, started=started)
        return process

    async def _watch(self, service: Service) -> None:
        began = time.monotonic()
        told = False
        while not await asyncio.to_thread(service.ready):
            if not told and time.monotonic() - began > SLOW:
                told = True
                self._board.service(service.name, detail=f"not ready after {SLOW:.0f} s, still waiting for it")
            await asyncio.sleep(PROBE_EVERY)
        self._note(service, "running")
        self._ready[service.name].set()

    async def _stop_all(self, keepers: dict[str, asyncio.Task[None]]) -> None:
        self._stopping = True
        self._board.phase("stopping")
        for service in reversed(self._services):
            await self._stop(service)
            keepers[service.name].cancel()
            self._note(service, "stopped", pid=None, started=None)
        await asyncio.gather(*keepers.values(), return_exceptions=True)
        self._board.phase("stopped")

    async def _stop(self, service: Service) -> None:
        process = self._processes.get(service.name)
        if process is None or process.returncode is not None:
            return
        self._note(service, "stopping")
        _signal(process, signal.SIGTERM)
        try:
            async with asyncio.timeout(service.grace):
                await process.wait()
        except TimeoutError:
            self._board.service(service.name, detail=f"did not stop in {service.grace:.0f} s, killed")
            _signal(process, signal.SIGKILL)
            await process.wait()

    def _note(self, service: Service, state: str, detail: str = "", **changes: object) -> None:
        self._board.service(service.name, state=state, since=time.time(), detail=detail, **changes)


def _signal(process: Process, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        process.send_signal(number)


def _ending(status: int) -> str:
    if status >= 0:
        return f"ended with status {status}"
    try:
        return f"was killed by {signal.Signals(-status).name}"
    except ValueError:
        return f"was killed by signal {-status}"
