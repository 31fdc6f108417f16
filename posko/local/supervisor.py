"""Keeps the services of an instance running: starts them in order, again when they end, stops them in reverse order."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from posko import crash
from posko.local import child, logs
from posko.local.backoff import Backoff
from posko.local.services import TOPICS, Service
from posko.local.state import Board

PROBE_EVERY = 0.1  # seconds
LOOK_EVERY = 10.0  # seconds between two looks whether a service that was ready still answers
PATIENCE = 5  # looks in vain before it is killed; a service that is paused for half a minute is left alone
SLOW = 60.0  # seconds after which a service that is not ready is spoken of


@dataclass(frozen=True)
class Ending:
    """How a process ended, for people. `is_final`: starting it again would not help."""

    text: str
    is_final: bool = False

    def __str__(self) -> str:
        return self.text


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
        look_every: float = LOOK_EVERY,
        patience: int = PATIENCE,
    ) -> None:
        self._services = services
        self._board = board
        self._logs = log_folder
        self._topics = topics
        self._backoff = backoff
        self._look_every, self._patience = look_every, patience
        self._hung: dict[str, str] = {}
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
            if ending.is_final:
                said = logs.last_words(self._logs / f"{service.name}.log")
                detail = f"cannot run as it is configured: {said} (see {service.name}.log, then posko down and up)"
                self._note(service, "failed", detail, pid=None, started=None)
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

    async def _once(self, service: Service) -> Ending:
        """One life of the service's process. Returns how it ended."""
        if service.ready_file:
            service.ready_file.unlink(missing_ok=True)
        try:
            process = await self._spawn(service)
        except OSError as error:
            return Ending(f"could not be started: {error}")
        self._processes[service.name] = process
        assert process.stdout is not None
        following = asyncio.create_task(logs.follow(process.stdout, self._logs / f"{service.name}.log"))
        watching = asyncio.create_task(self._watch(service, process))
        self._hung.pop(service.name, None)
        try:
            status = await process.wait()
        finally:
            watching.cancel()
        await asyncio.wait({following}, timeout=2)  # a grandchild may hold the pipe open
        following.cancel()
        if service.name in self._hung:
            return Ending(self._hung[service.name])
        return Ending(_ending(status), is_final=status == service.misconfigured)

    async def _spawn(self, service: Service) -> Process:
        process = await asyncio.create_subprocess_exec(
            *child.guarded(service.command),
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

    async def _watch(self, service: Service, process: Process) -> None:
        """Wait until the service is ready; then look whether it still answers, and kill it when it hangs."""
        await self._await_ready(service)
        seconds = await self._await_silence(service)
        self._hung[service.name] = f"did not answer for {seconds:.0f} s and was killed"
        _signal(process, signal.SIGKILL)  # SIGTERM does not reach a process that is stopped

    async def _await_ready(self, service: Service) -> None:
        began = time.monotonic()
        told = False
        while not await asyncio.to_thread(service.ready):
            if not told and time.monotonic() - began > SLOW:
                told = True
                self._board.service(service.name, detail=f"not ready after {SLOW:.0f} s, still waiting for it")
            await asyncio.sleep(PROBE_EVERY)
        self._note(service, "running")
        self._ready[service.name].set()

    async def _await_silence(self, service: Service) -> float:
        """Return when a service that answered before has not for `patience` looks in a row; for how long it has not.

        Looks are counted, not seconds: a supervisor that was itself stopped for an hour must not kill what is well.
        A service that never answered is not judged: perhaps somebody else has its port.
        """
        known, failed, since = False, 0, time.monotonic()
        while failed < self._patience:
            await asyncio.sleep(self._look_every)
            if service.alive is None:
                continue
            if await asyncio.to_thread(service.alive):
                if failed:
                    self._board.service(service.name, detail="")
                known, failed, since = True, 0, time.monotonic()
            elif known:
                failed += 1
                self._board.service(service.name, detail=f"does not answer for {time.monotonic() - since:.0f} s")
        return time.monotonic() - since

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
