"""Between the loop and ClickHouse: each topic to its writer, in threads, with patience when ClickHouse is away."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from clickhouse_connect.driver.client import Client
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, wait_random_exponential

from posko import crash, log, metrics, topics
from posko.errors import first_line
from posko.outage import Outage
from sinks import offsets
from sinks.batch import Batch, Place, Record
from sinks.clickhouse import Verdict, code_of, is_disk_full, judge
from sinks.offsets import Generation
from sinks.passages import Lot, Passages
from sinks.writer import Writer

MOST_WAIT_S = 5.0
DISK_FULL = "ClickHouse's disk is full; nothing is skipped, storing goes on when there is room"
SILENT = "ClickHouse has been asked and does not answer; nothing is skipped"
# What batches left for later is stored, and offsets are noted, this often: inserts as dear as a hundred rows, and a
# crash only stores rows again. Sooner when so many rows are left that putting them off saves nothing.
NOTE_S = 1.0
MOST_LEFT = 5_000
SILENT_S = 10.0  # until that is said
GLANCE_S = 2.0
AWAY = "ClickHouse cannot store now; nothing is skipped, trying again"
TOPICS = {"matched": topics.MATCHED, "incidents": topics.INCIDENTS, "rejected": topics.REJECTED}
Answer = TypeVar("Answer")


class Storage:
    """Stores batches and answers where to go on. Topics are stored side by side, in a thread each."""

    def __init__(
        self,
        client: Client,
        names: Mapping[str, str] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`names`: the Kafka topic of each of matched, incidents and rejected."""
        names = names or TOPICS
        self._client, self._log = client, log.get("sinks")
        self._writer = Writer(client)
        self.outage = Outage(self._log, "ClickHouse")
        self._writers: dict[str, Callable[[Sequence[Record]], None]] = {
            names["matched"]: self._writer.matched,
            names["incidents"]: self._writer.incidents,
            names["rejected"]: self._writer.rejected,
        }
        self._threads = ThreadPoolExecutor(len(self._writers) + 1, thread_name_prefix="store")
        self._glancing: asyncio.Future[Generation] | None = None
        self.took = 0.0  # seconds to store the last batch
        self.stored: dict[Place, int] = {}  # next offsets that ClickHouse holds
        self._unnoted: dict[Place, int] = {}  # those of rows that it holds already
        self._clock, self._noted_at = clock, float("-inf")
        self._outcomes = {"matched": names["matched"], "rejected": names["rejected"]}
        self.passages = Passages()

    @property
    def topics(self) -> Sequence[str]:
        return tuple(self._writers)

    async def store(self, batch: Batch, generation: int, began: int = 0) -> None:
        """The batch's reports and incidents; the rest of it and its offsets now or with those of later ones (`note`).

        While ClickHouse is away this waits for it, however long.

        `began`: when the generation did; what was written before is stored again, and its times say nothing.
        """
        started, span = time.monotonic(), batch.span()
        parts = [self._insert(topic, records, span) for topic, records in batch.records.items() if records]
        for ended in await asyncio.gather(*parts, return_exceptions=True):
            if isinstance(ended, BaseException):
                raise ended
        stored, self.took = int(time.time() * 1000), time.monotonic() - started
        crash.point("sink.rows_written")
        self._unnoted.update(batch.next_offsets)
        if self._clock() - self._noted_at >= NOTE_S or self._writer.left > MOST_LEFT:
            await self.note(generation)
        self._count(batch, time.monotonic() - started)
        self.passages.add(self._reports(batch), began, stored)
        self._log.debug("stored", rows=batch.count, offsets=span, seconds=round(time.monotonic() - started, 3))

    @property
    def is_noted(self) -> bool:
        """Whether ClickHouse holds everything of the batches stored, and their offsets."""
        return not self._unnoted

    async def note(self, generation: int) -> None:
        """Store what batches left for later, then write down where a sink that starts after this goes on."""
        noted, self._noted_at = dict(self._unnoted), self._clock()
        await self._written(_span(noted), self._writer.settle)
        crash.point("sink.settled")
        await self._call(_span(noted), offsets.consumed, self._client, generation, noted)
        crash.point("sink.consumed")
        self.stored.update(noted)
        self._unnoted = {place: offset for place, offset in self._unnoted.items() if noted.get(place) != offset}

    def _reports(self, batch: Batch) -> Iterable[Lot]:
        """What of the batch came from `reports`: its records, and when they were read."""
        for outcome, topic in self._outcomes.items():
            if records := batch.records.get(topic):
                yield Lot(outcome, records, batch.read[topic])

    def _count(self, batch: Batch, seconds: float) -> None:
        metrics.SINK_BATCH.observe(batch.count)
        metrics.SINK_STORE.observe(seconds)
        for topic, records in batch.records.items():
            metrics.SINK_MESSAGES.labels(topic).inc(len(records))

    async def positions(self, generation: int) -> dict[Place, int]:
        """The next offset of each partition in this generation; nothing of earlier ones is committed to the group any
        more.
        """
        found = await self._call({}, offsets.positions, self._client, generation)
        self.stored.clear()
        self._unnoted.clear()  # of another time, or of partitions that others store now
        self._writer.forget()
        return found

    async def generation(self) -> Generation:
        return await self._call({}, offsets.generation, self._client)

    async def glance(self) -> Generation | None:
        """The generation, or None when ClickHouse does not answer now; for a question that can wait."""
        if self._glancing is None:
            loop = asyncio.get_running_loop()
            self._glancing = loop.run_in_executor(self._threads, offsets.generation, self._client)
        if not (await asyncio.wait({self._glancing}, timeout=GLANCE_S))[0]:
            return None  # it hangs: the same question is looked at again next time, not asked again
        glancing, self._glancing = self._glancing, None
        try:
            return glancing.result()
        except Exception as error:
            if judge(error) is Verdict.WAIT:
                return None
            raise

    async def _insert(self, topic: str, records: Sequence[Record], span: dict[str, str]) -> None:
        mine = {place: range_ for place, range_ in span.items() if place.rpartition("/")[0] == topic}
        await self._written(mine, self._writers[topic], records)

    async def _written(self, span: dict[str, str], work: Callable[..., None], *args: Any) -> None:
        """Run something of the writer's, and say what it had to refuse."""
        before = self._writer.refused
        await self._call(span, work, *args)
        if self._writer.refused > before:
            self._log.error(
                "messages not stored, kept in posko.rejected", messages=self._writer.refused - before, offsets=span
            )

    async def _call(self, span: dict[str, str], work: Callable[..., Answer], *args: Any) -> Answer:
        """Run blocking work in a thread, again and again while ClickHouse is away or full."""
        loop = asyncio.get_running_loop()
        retrying = AsyncRetrying(
            retry=retry_if_exception(lambda error: judge(error) is Verdict.WAIT),
            wait=wait_random_exponential(multiplier=0.2, max=MOST_WAIT_S),
            before_sleep=lambda state: self._report(state, span),
            reraise=True,
        )

        async def attempt() -> Answer:
            answer: asyncio.Future[Answer] = loop.run_in_executor(self._threads, work, *args)
            while not (await asyncio.wait({answer}, timeout=SILENT_S))[0]:
                self.outage.down(SILENT, offsets=span)
            return answer.result()

        answer: Answer = await retrying(attempt)
        self.outage.up()
        return answer

    def _report(self, state: RetryCallState, span: dict[str, str]) -> None:
        error = state.outcome.exception() if state.outcome else None
        assert error is not None
        event = DISK_FULL if is_disk_full(error) else AWAY
        self.outage.down(event, offsets=span, code=code_of(error), error=first_line(error))


def _span(next_offsets: Mapping[Place, int]) -> dict[str, str]:
    return {f"{topic}/{partition}": str(offset) for (topic, partition), offset in next_offsets.items()}
