"""The instance under attack: `posko up` in a folder of its own, started again when its supervisor was killed."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from asyncio.subprocess import DEVNULL, Process
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from posko import crash, settings
from posko.local import child, state
from posko.local.state import ServiceState, State
from posko.settings import Settings
from tests.chaos.plan import SUPERVISOR

START_S = 300.0
STOP_S = 120.0
LOOK_S = 0.05
AGAIN = 5  # attempts to start again after the supervisor was killed: ports may be taken for a moment


class ChaosError(Exception):
    """The run cannot go on; the text says why and where to look."""


@dataclass
class Instance:
    """One instance in `data`, on ports from `port_base`. Used from one event loop."""

    data: Path
    port_base: int
    election: str
    workers: int
    partitions: int
    refused: int = 0  # starts after a kill of the supervisor that did not succeed at once
    _process: Process | None = None
    names: dict[int, str] = field(default_factory=dict)  # every process that was seen, by pid
    _expected: set[int] = field(default_factory=set)  # supervisors that were struck

    @property
    def orders(self) -> Path:
        """Where orders for points in the code are left, see `posko.crash`."""
        return self.data / "orders"

    @property
    def settings(self) -> Settings:
        """How to reach it."""
        return settings.load(data=self.data)

    @property
    def environment(self) -> dict[str, str]:
        """Orders reach every process, and no command of the person who runs this finds the instance by itself."""
        return {**os.environ, crash.VARIABLE: str(self.orders), "POSKO_REGISTRY": str(self.data / "registry")}

    async def start(self) -> None:
        """Return when everything is ready. Raises ChaosError."""
        self.orders.mkdir(parents=True, exist_ok=True)
        for attempt in range(1 if self._process is None else AGAIN):
            self._process = await self._up()
            if await self._ready(self._process):
                return
            if self._process.returncode is None:
                raise ChaosError(f"not everything was ready after {START_S:.0f} s; see {self._log}")
            self.refused += 1
            await asyncio.sleep(0.2 * (attempt + 1))
        raise ChaosError(f"posko up ended; see {self._log}")

    async def keep(self) -> None:
        """Start it again whenever its supervisor was struck. Raises ChaosError when it ends for another reason."""
        while True:
            assert self._process is not None
            ended = self._process
            status = await ended.wait()
            if ended.pid not in self._expected and not self._struck_at_a_point(ended.pid):
                raise ChaosError(f"the supervisor ended by itself with status {status}; see {self._log}")
            await self.start()

    async def rest(self) -> None:
        """Stop the stream workers, and keep the supervisor from starting them again: nothing is written any more."""
        known, supervisor = self.state(), self.process(SUPERVISOR)
        assert known
        assert supervisor
        supervisor.suspend()
        workers = [state.alive(one.pid, one.started) for one in known.services if one.name.startswith("stream-")]
        for worker in filter(None, workers):
            worker.terminate()
        deadline = time.monotonic() + STOP_S
        while any(
            state.alive(worker.pid, worker.create_time()) for worker in workers if worker and worker.is_running()
        ):
            if time.monotonic() > deadline:
                raise ChaosError(f"a stream worker did not stop in {STOP_S:.0f} s; see {self.data}/logs")
            await asyncio.sleep(LOOK_S)

    async def stop(self) -> None:
        """Stop everything."""
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(signal.SIGCONT)  # it may be at rest
            self._process.terminate()
            try:
                await asyncio.wait_for(self._process.wait(), STOP_S)
            except TimeoutError:
                self._process.kill()
                await self._process.wait()

    def state(self) -> State | None:
        """What the living supervisor says; None while there is none."""
        known = state.read(self.data)
        if known is None or not state.alive(known.pid, known.started):
            return None
        self.names |= {known.pid: SUPERVISOR, **{one.pid: one.name for one in known.services if one.pid}}
        return known

    def service(self, name: str) -> ServiceState | None:
        """What the living supervisor says of a service."""
        known = self.state()
        return next((service for service in known.services if service.name == name), None) if known else None

    def process(self, name: str) -> psutil.Process | None:
        """The living process of a service, or of the supervisor."""
        if name == SUPERVISOR:
            known = self.state()
            return state.alive(known.pid, known.started) if known else None
        service = self.service(name)
        return state.alive(service.pid, service.started) if service else None

    def runs(self, name: str, without: int | None = None) -> bool:
        """Whether a service is ready, in another process than `without`."""
        if name == SUPERVISOR:
            known = self.state()
            return bool(known and known.phase == "running" and known.pid != without)
        service = self.service(name)
        return bool(service and service.state == "running" and service.pid != without and self.process(name))

    def expect_end(self, pid: int) -> None:
        """The supervisor with this pid is about to be killed."""
        self._expected.add(pid)

    @property
    def _log(self) -> Path:
        return self.data / "logs" / "up.log"

    def _struck_at_a_point(self, pid: int) -> bool:
        return any(self.orders.glob(f"*.{pid}"))

    async def _up(self) -> Process:
        self._log.parent.mkdir(parents=True, exist_ok=True)
        options = ["--data", str(self.data), "--port-base", str(self.port_base), "--election", self.election]
        options += ["--workers", str(self.workers), "--partitions", str(self.partitions)]
        command = [sys.executable, "-P", "-m", "posko", "up", *options]
        with self._log.open("ab") as output:
            return await asyncio.create_subprocess_exec(
                *child.guarded(command),
                stdin=DEVNULL,
                stdout=output,
                stderr=output,
                env=self.environment,
                start_new_session=True,
            )

    async def _ready(self, process: Process) -> bool:
        deadline = time.monotonic() + START_S
        while process.returncode is None and time.monotonic() < deadline:
            known = self.state()
            if known and known.pid == process.pid and known.phase == "running":
                return True
            await asyncio.sleep(LOOK_S)
        return False
