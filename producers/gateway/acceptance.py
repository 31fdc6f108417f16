"""The one way from every door into Kafka: checked, stamped, told from resends, acknowledged.

Requests that arrive together travel together: one look into the ledger, one group to Kafka, one line in the ledger's
transaction, however many they are. Only what Kafka has acknowledged is called accepted; the ledger is written after.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal

import msgspec
import orjson

from posko import log
from posko.report import Invalid
from producers.client.lane import Group, Lane, Message, Place
from producers.gateway.check import Check
from producers.gateway.errors import Unavailable
from producers.gateway.ledger import Ledger, Line
from producers.gateway.stamp import content, stamped
from producers.gateway.wording import told
from producers.kafka import key_of
from producers.officers import Sender

PATIENCE_S = 8.0  # a request waits so long for Kafka
STALLED_S = 3.0  # Kafka has acknowledged nothing for so long: whoever comes now need not wait
MOST_WAITING = 20_000  # reports that Kafka has not acknowledged, at most,
MOST_BYTES = 32 << 20  # and their bytes
MOST_UNWRITTEN = 100_000  # lines that wait for the ledger; beyond that they are not remembered
AT_ONCE = 50  # reports checked before others have their turn

State = Literal["accepted", "known", "conflict", "refused"]
Later = Callable[[float, Callable[[], None]], object]
logger = log.get("gateway")


class Receipt(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one report. `reason`, `field`, `message`: why it is refused, or with what it is in conflict."""

    report_id: str
    state: State
    field: str = ""
    reason: str = ""
    message: str = ""


class _Pending:
    """A report on its way: `batch` tells when it is settled, `outcome` what became of it."""

    __slots__ = ("batch", "before", "content", "message", "outcome", "report_id")

    def __init__(self, report_id: str, content: bytes, message: Message, batch: _Batch) -> None:
        self.report_id, self.content, self.message, self.batch = report_id, content, message, batch
        self.before = content  # what the ledger has under this id, if anything
        self.outcome: State | Exception | None = None


class _Batch:
    """Reports that arrived together. `settled` when it is known what became of them, or when patience has ended."""

    def __init__(self, settled: asyncio.Future[None]) -> None:
        self.settled = settled
        self.reports: list[_Pending] = []

    def settle(self) -> None:
        if not self.settled.done():
            self.settled.set_result(None)


class Acceptance:
    """To be used in one event loop.

    `now` is the time in milliseconds since 1970 UTC, `clock` steady seconds. `later` calls what it is given after so
    many seconds; without it the loop does. `patience`: seconds that a request waits for Kafka.
    """

    def __init__(
        self,
        check: Check,
        ledger: Ledger,
        lane: Lane,
        now: Callable[[], int] = lambda: int(time.time() * 1000),
        clock: Callable[[], float] = time.monotonic,
        patience: float = PATIENCE_S,
        later: Later | None = None,
    ) -> None:
        self.open = True  # False: nothing can be accepted yet
        self.said: Counter[tuple[str, State]] = Counter()  # by door: what senders were told of their reports
        self._check, self._ledger, self._lane = check, ledger, lane
        self._now, self._clock, self._patience, self._later = now, clock, patience, later
        self._flying: dict[str, _Pending] = {}  # until the ledger has it, or Kafka refused it
        self._unsettled: dict[_Batch, float] = {}  # handed to Kafka, and when; in that order
        self._waiting_bytes = self._waiting = 0
        self._next: _Batch | None = None
        self._pumping = self._writing = False
        self._unwritten: list[tuple[_Pending, Place]] = []
        self._disk = ThreadPoolExecutor(1, "ledger")
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def waiting(self) -> int:
        """Reports that Kafka has not acknowledged yet."""
        return self._waiting

    async def take(self, reports: Sequence[dict[str, Any]], sender: Sender, door: str = "") -> list[Receipt]:
        """Bring reports to Kafka; a receipt for each, in their order, after Kafka has acknowledged.

        `door`: through which they came, where the sender's channel does not say it.

        Raises Unavailable when Kafka does not: none, some or all of them may arrive; with the same ids they can be
        sent again.
        """
        if not self.open or self.stalled() > STALLED_S:
            raise Unavailable(self._retry_after())
        taken: list[Receipt | tuple[_Pending, bytes, bool]] = []
        for number, report in enumerate(reports):
            if number and not number % AT_ONCE:
                await asyncio.sleep(0)
            taken.append(self._one(report, sender))
        batches = {one[0].batch for one in taken if not isinstance(one, Receipt)}
        for batch in batches:
            await asyncio.shield(batch.settled)  # of many requests: one that goes away must not end it
        receipts = [one if isinstance(one, Receipt) else self._receipt(*one, sender) for one in taken]
        self.said.update((door or sender.channel, one.state) for one in receipts)
        return receipts

    async def close(self) -> None:
        """Write what is unwritten; no request may be under way."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))
        self._disk.shutdown()

    def stalled(self) -> float:
        """Seconds for which Kafka has owed an acknowledgement."""
        began = next(iter(self._unsettled.values()), None)
        return 0.0 if began is None else self._clock() - began

    def _one(self, report: Any, sender: Sender) -> Receipt | tuple[_Pending, bytes, bool]:
        """A receipt, or the report of this id that is on its way, what was said here, and whether that is it."""
        name = report.get("report_id") if isinstance(report, dict) else None
        shown = name[:100] if isinstance(name, str) else ""
        try:
            if not isinstance(report, dict):
                raise Invalid("not_an_object", "", "")
            made = stamped(report, sender, self._check.locate)
            value = _encoded(made)
            report_id = self._check(value, self._now())
        except Invalid as wrong:
            return Receipt(
                shown, "refused", wrong.field, wrong.reason, told(wrong.reason, sender.language, wrong.field)
            )
        said = content({**report, "report_id": report_id}, sender)
        flying = self._flying.get(report_id)
        if flying is not None:
            return flying, said, False
        return self._sent(report_id, said, Message(value, key_of(made).encode() or None)), said, True

    def _sent(self, report_id: str, said: bytes, message: Message) -> _Pending:
        if self._waiting >= MOST_WAITING or self._waiting_bytes >= MOST_BYTES:
            raise Unavailable(self._retry_after())
        self._waiting += 1
        self._waiting_bytes += len(message.value)
        if self._next is None:
            loop = asyncio.get_running_loop()
            self._next = _Batch(loop.create_future())
            (self._later or loop.call_later)(self._patience, self._next.settle)  # one timer for all who wait
            if not self._pumping:
                self._pumping = True
                self._task(self._pump())
        pending = self._flying[report_id] = _Pending(report_id, said, message, self._next)
        self._next.reports.append(pending)
        return pending

    async def _pump(self) -> None:
        """Ask the ledger about each batch and hand the rest to Kafka; what arrives meanwhile is the next batch."""
        while batch := self._next:
            self._next = None
            try:
                known = await self._on_disk(self._ledger.known, [one.report_id for one in batch.reports])
            except Exception as error:
                logger.error("the ledger cannot be read; resends are left to the stream", error=str(error)[:300])
                known = {}
            new = []
            for one in batch.reports:
                before = known.get(one.report_id)
                if before is None:
                    new.append(one)
                else:
                    one.before = before
                    one.outcome = "known"
                    self._landed(one)
            if new:
                self._unsettled[batch] = self._clock()
                self._offer(batch, new)
            else:
                batch.settle()
        self._pumping = False

    def _offer(self, batch: _Batch, new: list[_Pending]) -> None:
        loop = asyncio.get_running_loop()

        def settled() -> None:
            loop.call_soon_threadsafe(self._settled, batch, new, group)

        group = Group([one.message for one in new], settled)
        self._lane.offer(group)

    def _settled(self, batch: _Batch, new: list[_Pending], group: Group) -> None:
        """Kafka has said what became of a group."""
        self._unsettled.pop(batch, None)
        for one, outcome in zip(new, group.outcomes, strict=True):
            self._waiting -= 1
            self._waiting_bytes -= len(one.message.value)
            if isinstance(outcome, Place) and len(self._unwritten) < MOST_UNWRITTEN:
                one.outcome = "accepted"
                self._unwritten.append((one, outcome))
            else:
                one.outcome = "accepted" if isinstance(outcome, Place) else outcome
                del self._flying[one.report_id]
        batch.settle()
        if self._unwritten and not self._writing:
            self._writing = True
            self._task(self._write())

    async def _write(self) -> None:
        while rows := self._unwritten:
            self._unwritten = []
            lines = [Line(one.report_id, one.content, place.partition, place.offset) for one, place in rows]
            try:
                await self._on_disk(self._ledger.record, lines, self._now())
            except Exception as error:
                logger.error("the ledger cannot be written; resends are left to the stream", error=str(error)[:300])
            for one, _ in rows:
                del self._flying[one.report_id]
        self._writing = False

    def _landed(self, one: _Pending) -> None:
        self._waiting -= 1
        self._waiting_bytes -= len(one.message.value)
        del self._flying[one.report_id]

    def _receipt(self, one: _Pending, said: bytes, mine: bool, sender: Sender) -> Receipt:
        """What became of `said`, now that it is known what became of the report of its id."""
        if one.outcome is None:
            raise Unavailable(self._retry_after())
        if isinstance(one.outcome, Exception):
            logger.error("Kafka refused a report", report=one.report_id, error=str(one.outcome)[:300])
            raise Unavailable(self._retry_after())
        if said != one.before:
            return self._conflict(one.report_id, sender)
        if one.outcome == "known" or not mine:
            return Receipt(one.report_id, "known")
        return Receipt(one.report_id, "accepted")

    def _conflict(self, report_id: str, sender: Sender) -> Receipt:
        return Receipt(report_id, "conflict", "report_id", "conflict", told("conflict", sender.language))

    def _retry_after(self) -> int:
        """Seconds: soon when there is only much to do, later the longer Kafka has been away."""
        return min(60, max(2, round(self.stalled())))

    async def _on_disk(self, work: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._disk, work, *arguments)

    def _task(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _encoded(report: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(report)
    except orjson.JSONEncodeError:  # what was read from JSON fails only when it is nested beyond the writer's depth
        raise Invalid("too_deep", "", "") from None
