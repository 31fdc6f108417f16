"""One run: an instance under load, blows after a plan, a drain, the audit."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

from rich.console import Console

from posko.local import child, progress
from sinks import clickhouse
from streams.app import load_domain
from tests.chaos import ledger, plan, screen
from tests.chaos.audit.again import State
from tests.chaos.audit.everything import audit
from tests.chaos.audit.reading import rows
from tests.chaos.findings import Findings
from tests.chaos.instance import ChaosError, Instance
from tests.chaos.journal import Journal
from tests.chaos.plan import Strike
from tests.chaos.screen import Screen
from tests.chaos.strike import Striker

LOOK_S = 0.1
STUCK_S = 600.0  # without any change while draining, then the run is given up
LATENCY = """
SELECT quantiles(0.5, 0.99, 1)(toUnixTimestamp64Milli(stored_at) - toUnixTimestamp64Milli(received_at)) FROM posko.reports
"""  # noqa: E501


@dataclass(frozen=True)
class Options:
    """What to do; see `posko chaos --help`."""

    data: Path
    port_base: int
    election: str
    seed: int
    reports: int
    rate: float
    kills: int
    pauses: int
    workers: int
    partitions: int


class Run:
    """The parts of a run and what they share."""

    def __init__(self, options: Options, shown: Screen) -> None:
        self.options, self.screen = options, shown
        self.instance = Instance(options.data, options.port_base, options.election, options.workers, options.partitions)
        self.journal = Journal(options.data / "chaos.jsonl")
        self.striker = Striker(self.instance, self.tell)
        self.acknowledged = 0

    def tell(self, event: str, **fields: Any) -> None:
        """Something happened."""
        self.journal.add(event, **fields)
        self.screen.event(self.journal.seconds, event, fields)

    async def play(self) -> Findings:
        """Everything, from start to audit. Raises ChaosError when it cannot be finished."""
        blows = plan.make(
            self.options.seed, self.options.reports, self.options.kills, self.options.pauses, self.options.workers
        )
        self.journal.add("plan", options={**asdict(self.options), "data": str(self.options.data)},
                         strikes=[asdict(blow) for blow in blows])  # fmt: skip
        self.screen.step("starting the instance")
        await self.instance.start()
        keeping = asyncio.create_task(self.instance.keep())
        try:
            await _unless(keeping, self._attack(blows))
            await _unless(keeping, self._drain())
            found = await _unless(keeping, self._audit())
        finally:
            keeping.cancel()
            self.screen.step("stopping the instance")
            await self.instance.stop()
        self._judge(found)
        self.tell("end", sound=found.sound, checks={name: asdict(check) for name, check in found.checks.items()})
        return found

    async def _attack(self, blows: list[Strike]) -> None:
        """Send, and strike as the plan says."""
        total = self.options.reports
        self.screen.step(f"sending {total:,} messages, {len(blows)} blows", total)
        sender = await self._sender()
        counting = asyncio.create_task(self._count(sender))
        left, under_way = list(blows), set[asyncio.Task[None]]()
        struck = time.monotonic()
        self._allow(sender, left)
        try:
            while left or under_way or not counting.done():
                if left and self.acknowledged >= left[0].at and time.monotonic() - struck >= left[0].delay:
                    under_way.add(asyncio.create_task(self.striker.carry_out(left.pop(0))))
                    struck = time.monotonic()
                    self._allow(sender, left)
                for task in [task for task in under_way if task.done()]:
                    under_way.remove(task)
                    task.result()
                self.screen.update(self.acknowledged, f"{len(under_way)} under way, {len(left)} to come")
                if counting.done():
                    counting.result()
                await asyncio.sleep(LOOK_S)
        finally:
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)
            counting.cancel()
            if sender.returncode is None:
                sender.terminate()
                await sender.wait()
        self.tell("sent", acknowledged=self.acknowledged)

    async def _sender(self) -> Process:
        given = self.options
        arguments = ["--kafka", self.instance.settings.kafka_address, "--election", given.election]
        arguments += ["--reports", str(given.reports), "--rate", str(given.rate), "--seed", str(given.seed)]
        command = [sys.executable, "-m", "tests.chaos.sender", *arguments, str(self._ledger)]
        with self._log("sender.log").open("ab") as errors:
            return await asyncio.create_subprocess_exec(
                *child.guarded(command),
                stdin=PIPE,
                stdout=PIPE,
                stderr=errors,
                env=self.instance.environment,
                cwd=Path(__file__).parents[2],
            )

    def _allow(self, sender: Process, left: list[Strike]) -> None:
        """Messages up to the next blow may be sent: so there is work under way when it comes, and after the last."""
        assert sender.stdin is not None
        sender.stdin.write(b"%d\n" % (left[0].at if left else self.options.reports))

    async def _count(self, sender: Process) -> None:
        assert sender.stdout is not None
        async for line in sender.stdout:
            self.acknowledged = int(line)
        status = await sender.wait()
        if status or self.acknowledged < self.options.reports:
            raise ChaosError(
                f"the sender ended with status {status} after {self.acknowledged:,} messages; "
                f"see {self._log('sender.log')}"
            )

    async def _drain(self) -> None:
        """Wait until everything sent is stored, then let nothing more be written and wait for what still was."""
        self.screen.step("waiting until everything is stored", self.options.reports)
        await self._until(progress.drained)
        await self.instance.rest()
        await self._until(progress.filled)
        self.tell("drained")

    async def _until(self, done: Callable[..., list[progress.Stage]]) -> None:
        """Wait for as long as something moves. Raises ChaosError."""
        most, last, changed = 0, (-1, -1), time.monotonic()

        def told(stages: list[progress.Stage]) -> None:
            nonlocal most, last, changed
            waiting = [stage.lag for stage in stages if stage.lag is not None]
            now = (len(stages), sum(waiting))
            if now != last:
                last, changed = now, time.monotonic()
            most = max(most, now[1])
            self.screen.update(most - now[1], f"{now[1]:,} wait", total=most)

        while missing := await asyncio.to_thread(done, self.instance.settings, 5.0, told):
            if time.monotonic() - changed > STUCK_S:
                stuck = ", ".join(f"{stage.name} {stage.lag} {stage.problem}" for stage in missing)
                raise ChaosError(f"nothing moved for {STUCK_S:.0f} s; these wait: {stuck}; see {self._log('')}")

    async def _audit(self) -> Findings:
        self.screen.step("auditing")
        domain = await asyncio.to_thread(load_domain, self.options.election)
        known = self.instance.settings
        found = await audit(
            known,
            ledger.read(self._ledger),
            cast(Callable[[], State], domain.new_state),
            self.options.seed,
            self.screen.step,
        )
        with suppress(Exception):
            ((middle, high, most),) = (row[0] for row in rows(clickhouse.connect(known), LATENCY))
            found.notes["received until stored"] = (
                f"p50 {middle / 1000:.1f} s, p99 {high / 1000:.1f} s, longest {most / 1000:.1f} s"
            )
        return found

    def _judge(self, found: Findings) -> None:
        """What was not an audit's to find."""
        check = found.check("each blow was struck, and every service came back")
        check.looked = self.options.kills + self.options.pauses
        for blow in self.striker.unreached:
            check.add("wrong", f"blow {blow.number}: nobody came to {blow.point}")
        for name in self.striker.missing:
            check.add("wrong", f"{name} did not come back")
        if self.instance.refused:
            found.notes["starts after a killed supervisor that had to be repeated"] = str(self.instance.refused)

    @property
    def _ledger(self) -> Path:
        return self.options.data / "sent.jsonl"

    def _log(self, name: str) -> Path:
        return self.options.data / "logs" / name


def run(options: Options, console: Console, keep: bool) -> int:
    """Make a run and print what it found; 0 when nothing is at fault. The folder stays when something is, or `keep`."""
    for name in [name for name in os.environ if name.startswith("POSKO_")]:
        del os.environ[name]  # settings of the person who runs this must not lead to another instance
    for chatty in ("kafka", "aiokafka", "clickhouse_connect", "urllib3"):  # what is away is away on purpose
        logging.getLogger(chatty).setLevel(logging.CRITICAL)
    options.data.mkdir(parents=True, exist_ok=True)
    sound, began = False, time.monotonic()
    try:
        with Screen(console) as shown:
            made = Run(options, shown)
            found = asyncio.run(made.play())
        sound = found.sound
        _report(made, found, console, time.monotonic() - began)
    except ChaosError as error:
        console.print(f"posko chaos: {error}", style="red", highlight=False, markup=False)
    finally:
        if sound and not keep:
            shutil.rmtree(options.data)
        else:
            console.print(f"Everything is kept in {options.data}; chaos.jsonl there says what happened", soft_wrap=True)
    return 0 if sound else 1


def _report(made: Run, found: Findings, console: Console, seconds: float) -> None:
    given = made.options
    console.print(screen.recoveries(made.striker.away))
    console.print(screen.findings(found))
    for what, figure in found.notes.items():
        console.print(f"{what}: {figure}", highlight=False)
    for promise, check in found.checks.items():
        for example in check.examples:
            console.print(f"[red]{promise}[/]: {example}", highlight=False, soft_wrap=True)
    totals = ", ".join(f"{fault} {found.total(fault):,}" for fault in ("lost", "doubled", "wrong"))
    console.print(
        f"{given.reports:,} messages, {given.kills} kills, {given.pauses} pauses, seed {given.seed}, {seconds:.0f} s: "
        f"[bold {'green' if found.sound else 'red'}]{totals}[/]"
    )


async def _unless(keeping: asyncio.Task[None], work: Any) -> Any:
    """The result of `work`, unless `keeping` ends first: then its error."""
    doing = asyncio.create_task(work)
    try:
        await asyncio.wait({doing, keeping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        if not doing.done():
            doing.cancel()
            await asyncio.gather(doing, return_exceptions=True)
    if doing.cancelled():
        keeping.result()
    return doing.result()
