"""Carrying out a plan: signals to processes, orders for points in the code, and how long each service is away."""

from __future__ import annotations

import asyncio
import signal
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import psutil

from posko import crash
from tests.chaos.instance import LOOK_S, ChaosError, Instance
from tests.chaos.plan import KAFKA, KILL, PAUSE, SUPERVISOR, Strike

FIND_S = 600.0  # a target that is down by an earlier strike is waited for so long; a busy machine is no fault
REACH_S = 600.0  # a point in the code is passed within this time while reports arrive
BACK_S = 600.0  # a service is back within this time
AFTERMATH_S = 30.0  # so long after a blow what it hit may still be recovering
SETTLE_S = 8.0  # a process that was paused and is going to end itself for it has done so by then

Tell = Callable[..., None]  # event, and what there is to say about it


@dataclass
class Away:
    """How long a service was away, in seconds: after a blow of its own, and in the middle of other blows."""

    alone: list[float] = field(default_factory=list)
    amid: list[float] = field(default_factory=list)


@dataclass
class Striker:
    """Strikes an instance; `tell(event, **fields)` gets everything that happens."""

    instance: Instance
    tell: Tell
    away: dict[str, Away] = field(default_factory=lambda: defaultdict(Away))  # by service
    unreached: list[Strike] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)  # services that did not come back
    _hits: list[tuple[float, int, str]] = field(default_factory=list)  # when, by which strike, what
    _points: dict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))

    async def carry_out(self, strike: Strike) -> None:
        """Strike, and return when everything struck is back."""
        self.tell("strike", number=strike.number, what=str(strike))
        if strike.action == PAUSE:
            await self._pause(strike)
        elif strike.point:
            await self._kill_at_point(strike)
        else:
            await asyncio.gather(*(self._kill(strike, name) for name in strike.targets))

    async def _kill(self, strike: Strike, name: str) -> None:
        process = await self._find(name)
        if name == SUPERVISOR:
            self.instance.expect_end(process.pid)
        began = time.monotonic()
        with suppress(psutil.NoSuchProcess):
            process.kill()
        self._hit(began, strike, name)
        self.tell("killed", number=strike.number, service=name, pid=process.pid)
        await self._back(strike, name, process.pid, began)

    async def _kill_at_point(self, strike: Strike) -> None:
        async with self._points[strike.point]:
            crash.order(self.instance.orders, strike.point, ["KILL self"])
            companions = [asyncio.create_task(self._kill(strike, name)) for name in strike.targets]
            pid = await self._reached(strike)
        if pid:
            began = time.monotonic()
            name = self.instance.names.get(pid, strike.point)
            self._hit(began, strike, name)
            self.tell("killed", number=strike.number, service=name, pid=pid, point=strike.point)
            await self._back(strike, name, pid, began)
        await asyncio.gather(*companions)

    async def _pause(self, strike: Strike) -> None:
        paused: dict[str, psutil.Process] = {}
        for name in strike.targets:
            paused[name] = await self._find(name)
        if strike.point:
            async with self._points[strike.point]:
                lines = [f"STOP {process.pid}" for process in paused.values()]
                crash.order(self.instance.orders, strike.point, lines)
                await self._reached(strike)
        else:
            for process in paused.values():
                _send(process, signal.SIGSTOP)
        self.tell("paused", number=strike.number, service=" ".join(paused), pids=[one.pid for one in paused.values()])
        for name in paused:
            self._hit(time.monotonic(), strike, name)
        try:
            await asyncio.sleep(strike.seconds)
        finally:
            for process in paused.values():
                _send(process, signal.SIGCONT)
        self.tell("continued", number=strike.number, service=" ".join(paused))
        await asyncio.gather(*(self._recovered(strike, name, process.pid) for name, process in paused.items()))

    async def _recovered(self, strike: Strike, name: str, pid: int) -> None:
        """A paused process either goes on, or notices what it missed, ends and is started again."""
        began = time.monotonic()
        if not psutil.pid_exists(pid):
            return  # killed in the meantime, by a blow that waits for it to be back
        self._hit(began, strike, name)
        while time.monotonic() - began < SETTLE_S:
            found = self.instance.process(name)
            if found is None or found.pid != pid:
                await self._back(strike, name, pid, began)
                return
            await asyncio.sleep(LOOK_S)
        self.tell("went on", number=strike.number, service=name)

    async def _find(self, name: str) -> psutil.Process:
        """The target's process; one that is being started is as good as one that runs."""
        deadline = time.monotonic() + FIND_S
        while (process := self.instance.process(name)) is None:
            if time.monotonic() > deadline:
                raise ChaosError(
                    f"{name} did not come back in {FIND_S:.0f} s; see its log in {self.instance.data}/logs"
                )
            await asyncio.sleep(LOOK_S)
        return process

    async def _reached(self, strike: Strike) -> int:
        """The pid of the process that carried out the order at the strike's point; 0 when none came there."""
        deadline = time.monotonic() + REACH_S
        taken: list[str] = []
        while not taken:
            await asyncio.sleep(LOOK_S)
            taken = [file.suffix[1:] for file in self.instance.orders.glob(f"{strike.point}.[0-9]*")]
            if not taken and time.monotonic() > deadline and crash.withdraw(self.instance.orders, strike.point):
                self.unreached.append(strike)
                self.tell("not reached", number=strike.number, point=strike.point)
                return 0
        pid = int(taken[0])
        if strike.action == KILL and strike.point.startswith(SUPERVISOR):
            self.instance.expect_end(pid)
        (self.instance.orders / f"{strike.point}.{pid}").rename(self.instance.orders / f"{strike.number}.done.{pid}")
        return pid

    def _hit(self, at: float, strike: Strike, name: str) -> None:
        self._hits.append((at, strike.number, name))

    async def _back(self, strike: Strike, name: str, pid: int, began: float) -> None:
        while not self.instance.runs(name, without=pid):
            if time.monotonic() - began > BACK_S:
                self.missing.append(name)
                self.tell("not back", number=strike.number, service=name)
                return
            await asyncio.sleep(LOOK_S)
        seconds = time.monotonic() - began
        needed = {name, SUPERVISOR, KAFKA, *(["engine"] if name == "sink" else [])}
        others = [
            hit
            for at, number, hit in self._hits
            if hit in needed and number != strike.number and at > began - AFTERMATH_S
        ]
        (self.away[name].amid if others else self.away[name].alone).append(seconds)
        self.tell("back", number=strike.number, service=name, seconds=round(seconds, 2))


def _send(process: psutil.Process, number: signal.Signals) -> None:
    with suppress(psutil.NoSuchProcess):
        process.send_signal(number)
