"""The client library: what `put` has taken reaches Kafka, however long Kafka is away and whatever dies meanwhile."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any

import orjson

from posko import log, topics
from posko.report import parse
from posko.settings import Settings
from producers.client.lane import Group, Lane, Message, Place
from producers.client.outbox import MOST_BYTES, Outbox, Put, Waiting
from producers.kafka import key_of

AT_ONCE = 500  # messages in one group
AHEAD = 8  # groups under way
LOOK_S = 0.5  # the longest that news is overlooked

logger = log.get("producers")


class Client:
    """Takes reports, keeps them on disk, and brings them to Kafka in the background, in their order.

    A report is sent until Kafka has acknowledged it; after a crash some are sent again, with the same id, which makes
    them the same reports. Safe to use from several threads. One process at a time has an outbox.
    """

    def __init__(self, outbox: Outbox, lane: Lane, clock: Callable[[], float] = time.monotonic) -> None:
        self.sent = self.failed = 0
        self._outbox, self._lane, self._clock = outbox, lane, clock
        self._taken = 0  # number of the last message that is under way
        self._under_way = 0  # groups
        self._changed = threading.Condition()
        self._ending = False
        self._thread = threading.Thread(target=self._run, name="outbox", daemon=True)
        self._thread.start()

    @classmethod
    def of(cls, settings: Settings, name: str, most_bytes: int = MOST_BYTES) -> Client:
        """The client of an instance, with an outbox of its own: the file `outbox-NAME.sqlite3` in its folder."""
        settings.data.mkdir(parents=True, exist_ok=True)
        outbox = Outbox(settings.data / f"outbox-{name}.sqlite3", most_bytes)
        return cls(outbox, Lane.to(settings.kafka_address, topics.REPORTS, settings.partitions))

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def waiting(self) -> int:
        """Reports that Kafka does not have yet, as far as we know."""
        return len(self._outbox)

    def put(self, report: dict[str, Any]) -> Put:
        """Take one report: it is on disk when this returns. Raises report.Invalid for what is no report, OutboxFull."""
        return self.put_all([report])[0]

    def put_all(self, reports: Iterable[dict[str, Any]]) -> list[Put]:
        """Take reports, all or none, in one transaction. `there`: the same one waits already; `conflict`: one with the
        same id and other content does, and this one was not taken. Raises report.Invalid, OutboxFull."""
        messages = []
        for report in reports:
            value = orjson.dumps(report)
            messages.append((parse(value).report_id, key_of(report).encode(), value))
        done = self._outbox.put(messages)
        with self._changed:
            self._changed.notify_all()
        return done

    def drain(self, seconds: float) -> bool:
        """Wait until Kafka has everything; False when it has not after `seconds`: it stays on disk."""
        end = self._clock() + seconds
        with self._changed:
            while self.waiting and self._clock() < end and not self._lane.error:
                self._changed.wait(min(LOOK_S, max(0.0, end - self._clock())))
        return not self.waiting

    def close(self) -> None:
        """Stop sending; what waits is sent by the next client of this outbox."""
        with self._changed:
            self._ending = True
            self._changed.notify_all()
        self._thread.join()
        self._lane.stop()
        self._outbox.close()

    def _run(self) -> None:
        while True:
            with self._changed:
                if self._ending:
                    return
                free = self._under_way < AHEAD
            messages = self._outbox.after(self._taken, AT_ONCE) if free else []
            if messages:
                self._taken = messages[-1].number
                self._hand_over(messages)
                continue
            with self._changed:
                if not self._ending:
                    self._changed.wait(LOOK_S)

    def _hand_over(self, messages: list[Waiting]) -> None:
        def settled() -> None:
            self._settled(messages, group)

        group = Group([Message(one.value, one.key or None) for one in messages], settled)
        with self._changed:
            self._under_way += 1
        self._lane.offer(group)

    def _settled(self, messages: list[Waiting], group: Group) -> None:
        """Called in a thread of the lane."""
        done = []
        for message, outcome in zip(messages, group.outcomes, strict=True):
            if isinstance(outcome, Place):
                done.append(message)
            else:
                logger.error("Kafka refused a report; it is kept apart", report=message.id, error=str(outcome)[:300])
                self._outbox.refuse(message, str(outcome))
                self.failed += 1
        self._outbox.sent(done)
        with self._changed:
            self.sent += len(done)
            self._under_way -= 1
            self._changed.notify_all()
