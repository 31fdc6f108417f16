"""Intake: each message of `reports` becomes one enriched report, or one rejected message with the reason."""

from __future__ import annotations

from collections.abc import AsyncIterable, Awaitable, Callable, Sequence
from functools import lru_cache
from time import time
from typing import Any

import orjson
from aiokafka import ConsumerRecord

from posko import log, passage, report, topics
from streams.batches import Batch
from streams.failure import describe, traceback_of, where
from streams.inhand import TRIES, InHand
from streams.names import Names
from streams.rejects import OVERHEAD, Rejects, Why
from streams.transactions import Header, Outputs
from streams.turns import Turns

Enrich = Callable[[bytes | None, int, int, int], dict[str, Any]]  # raw, received_at, partition, offset

ALL_FAILED = 20  # when so many messages in a row fail by a fault of ours, the fault is not in the messages

STAGE = "intake"

logger = log.get("streams")


class EverythingFails(Exception):
    """A fault of the program hits message after message: stop instead of rejecting the whole day."""


class Intake:
    """Turns records into outputs. `partitions` are those of the enriched and of the rejected topic."""

    def __init__(
        self,
        enrich: Enrich,
        names: Names,
        enriched_partitions: int,
        rejected_partitions: int,
        turns: Turns,
        inhand: InHand | None = None,
    ) -> None:
        self._enrich, self._turns = enrich, turns
        self._inhand = inhand or InHand()
        self._topic = names.topic(topics.ENRICHED)
        self._rejects = Rejects(names.topic(topics.REJECTED), rejected_partitions)
        self._partition_of = lru_cache(4096)(lambda scope: topics.partition_of(scope, enriched_partitions))

    async def outputs(self, records: Sequence[ConsumerRecord]) -> Outputs:
        """One output for each record, in order, and the seconds of work in it.

        Raises EverythingFails when this batch and those before it are a long run of failures. A batch in which
        anything goes well ends the run: so a worker that starts anew, and finds more messages waiting, sees whether
        the program or the messages are at fault.
        """
        outputs, faults, read = Outputs(), 0, int(time() * 1000)
        async with self._turns.turn() as turn:
            with self._inhand.watched():
                for record in records:
                    faults += self._add(outputs, record, read)
                    if turn.is_long:
                        self._inhand.drop()
                        await turn.rest()
        outputs.work = turn.seconds
        if faults < len(records):
            self._inhand.worked(STAGE)
        elif (streak := self._inhand.failed(STAGE, faults)) >= ALL_FAILED:
            raise EverythingFails(f"{streak} messages failed and none went well")
        return outputs

    def _add(self, outputs: Outputs, record: ConsumerRecord, read: int) -> bool:
        """Add what becomes of one message that was read then (ms); whether the program failed on it."""
        times = passage.read_by_intake(record.headers, record.timestamp, read)
        if self._inhand.poisonous(STAGE, record.partition, record.offset):
            self._rejects.add(outputs, record, poison(self._inhand, STAGE, record), times)
            return True
        self._inhand.take(STAGE, record.partition, record.offset, record.offset)
        try:
            self._accept(outputs, record, times)
        except report.Invalid as refused:
            self._rejects.add(outputs, record, Why(refused.reason, refused.field, refused.detail), times)
        except Exception as error:
            logger.error("a fault of the program, the message is rejected", **where(record), **describe(error))
            self._rejects.add(outputs, record, fault(error), times)
            return True
        return False

    def _accept(self, outputs: Outputs, record: ConsumerRecord, times: Header) -> None:
        enriched = self._enrich(record.value, record.timestamp, record.partition, record.offset)
        value = orjson.dumps(enriched)
        if len(value) > topics.MAX_MESSAGE - OVERHEAD:
            raise report.Invalid(
                "too_large", "", f"The report takes {len(value)} bytes with what was found out about it."
            )
        scope = enriched["scope"].encode()
        outputs.add(self._topic, self._partition_of(scope), scope, value, [times])


def fault(error: BaseException) -> Why:
    """What a message is rejected with when the program itself failed on it."""
    kind = type(error).__name__
    said = f"The program failed on this message ({kind}); send it again after a fix."
    return Why("internal_error", "", said, traceback_of(error))


def poison(inhand: InHand, stage: str, record: ConsumerRecord) -> Why:
    """What a message is rejected with that ended one process after the other. Raises EverythingFails when many do."""
    if inhand.victims >= ALL_FAILED:
        raise EverythingFails(f"{inhand.victims} messages ended {TRIES} processes each")
    logger.error("this message ends the process each time, it is rejected", tries=TRIES, **where(record))
    said = f"The program crashed or hung {TRIES} times on this message; send it again after a fix."
    return Why("internal_error", "", said, inhand.traceback(stage, record.partition, record.offset))


def agent(intake: Intake) -> Callable[[AsyncIterable[Batch]], Awaitable[None]]:
    """The Faust agent's function."""

    async def run(batches: AsyncIterable[Batch]) -> None:
        async for batch in batches:
            async with batch:
                await batch.commit(await intake.outputs(batch.records))

    return run
