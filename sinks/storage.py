"""Between the loop and ClickHouse: each topic to its writer, in threads, with patience when ClickHouse is away."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from clickhouse_connect.driver.client import Client
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, wait_random_exponential

from posko import log, topics
from sinks import offsets
from sinks.batch import Batch, Place, Record
from sinks.clickhouse import Verdict, code_of, is_disk_full, judge
from sinks.offsets import Generation
from sinks.writer import Writer

MOST_WAIT_S = 5.0
TOPICS = {"matched": topics.MATCHED, "incidents": topics.INCIDENTS, "rejected": topics.REJECTED}
Answer = TypeVar("Answer")


class Storage:
    """Stores batches and answers where to go on. Topics are stored side by side, in a thread each."""

    def __init__(self, client: Client, names: Mapping[str, str] | None = None) -> None:
        """`names`: the Kafka topic of each of matched, incidents and rejected."""
        names = names or TOPICS
        self._client, self._log = client, log.get("sinks")
        self._writer = Writer(client)
        self._writers: dict[str, Callable[[Sequence[Record]], None]] = {
            names["matched"]: self._writer.matched,
            names["incidents"]: self._writer.incidents,
            names["rejected"]: self._writer.rejected,
        }
        self._threads = ThreadPoolExecutor(len(self._writers) + 1, thread_name_prefix="store")
        self.stored: dict[Place, int] = {}

    @property
    def topics(self) -> Sequence[str]:
        return tuple(self._writers)

    async def store(self, batch: Batch, generation: int) -> None:
        """The batch's rows, then its offsets. While ClickHouse is away this waits for it, however long."""
        started, span = time.monotonic(), batch.span()
        parts = [self._insert(topic, records, span) for topic, records in batch.records.items() if records]
        for ended in await asyncio.gather(*parts, return_exceptions=True):
            if isinstance(ended, BaseException):
                raise ended
        await self._call(span, offsets.consumed, self._client, generation, batch.next_offsets)
        self.stored.update(batch.next_offsets)
        self._log.debug("stored", rows=batch.count, offsets=span, seconds=round(time.monotonic() - started, 3))

    async def positions(self, generation: int) -> dict[Place, int]:
        """The next offset of each partition in this generation; nothing of earlier ones is committed to the group any
        more.
        """
        found = await self._call({}, offsets.positions, self._client, generation)
        self.stored.clear()
        return found

    async def generation(self) -> Generation:
        return await self._call({}, offsets.generation, self._client)

    async def glance(self) -> Generation | None:
        """The generation, or None when ClickHouse does not answer now; for a question that can wait."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, offsets.generation, self._client)
        except Exception as error:
            if judge(error) is Verdict.WAIT:
                return None
            raise

    async def _insert(self, topic: str, records: Sequence[Record], span: dict[str, str]) -> None:
        before = self._writer.refused
        mine = {place: range_ for place, range_ in span.items() if place.rpartition("/")[0] == topic}
        await self._call(mine, self._writers[topic], records)
        if self._writer.refused > before:
            self._log.error(
                "messages not stored, kept in posko.rejected", messages=self._writer.refused - before, offsets=mine
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
            return await loop.run_in_executor(self._threads, work, *args)

        return await retrying(attempt)

    def _report(self, state: RetryCallState, span: dict[str, str]) -> None:
        error = state.outcome.exception() if state.outcome else None
        assert error is not None
        self._log.warning(
            "ClickHouse's disk is full; nothing is skipped, storing goes on when there is room"
            if is_disk_full(error)
            else "ClickHouse cannot store now; nothing is skipped, trying again",
            attempt=state.attempt_number,
            seconds=round(state.upcoming_sleep, 1),
            offsets=span,
            code=code_of(error),
            error=str(error).splitlines()[0][:300],
        )
