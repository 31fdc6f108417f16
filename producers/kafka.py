"""The way into Kafka for everything that sends: nothing lost, nothing doubled by a retry, nothing piling up."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, NamedTuple

from kafka.errors import AuthorizationError, KafkaTimeoutError

from posko import log, passage, topics
from posko.outage import Outage
from posko.regions import codes
from producers.connection import Closed, connect

WAITING_BYTES = 32 << 20  # unacknowledged at most; then `send` waits
WAITING_MESSAGES = 50_000
OVERHEAD = 1024  # bytes that Kafka adds to a message, and a margin
SILENCE_S = 5.0  # without any acknowledgement before it is said

logger = log.get("producers")


class TooLarge(ValueError):
    """A message that the topic cannot take; the text says its size and the limit."""


def key_of(report: Any) -> str:
    """The key of a report as a dict: its kecamatan's code, else the reporter's id, `""` when it has neither.

    Takes any JSON value and never fails: what is wrong with a report is for intake to say.
    """
    if not isinstance(report, dict):
        return ""
    tps, area, reporter = report.get("tps"), report.get("area"), report.get("reporter")
    for place in (tps.partition("/")[0] if isinstance(tps, str) else "", area):
        code = codes.normalise(place) if isinstance(place, str) else None
        if code and len(code) >= 8:
            return code[:8]
    name = reporter.get("id") if isinstance(reporter, dict) else None
    return name.strip()[:200] if isinstance(name, str) else ""


class _Message(NamedTuple):
    number: int  # in the order in which they were handed over
    value: bytes | None
    key: bytes | None
    tag: Any
    sent: tuple[str, bytes]

    @property
    def size(self) -> int:
        return len(self.value or b"") + len(self.key or b"")


class Sender:
    """Sends messages to one topic: idempotent, acknowledged by all replicas, compressed, retried while it lives.

    Safe to use from several threads. `on_failed(tag, error)` is called for each message that Kafka refused for good;
    `tag` is what `send` was given with it. `on_acknowledged(tag, partition, offset)` is called, in a thread of the
    producer, for each message that Kafka has; the offset is -1 when Kafka only said that it has it.

    When Kafka refuses a message, an idempotent producer is at its end and fails whatever was handed over after it. So a
    message that failed is sent again, alone, by a new producer; only then is it known to be the one that is refused.
    """

    def __init__(
        self,
        bootstrap: str,
        topic: str = topics.REPORTS,
        partitions: int = 4,
        on_failed: Callable[[Any, Exception], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
        on_acknowledged: Callable[[Any, int, int], None] | None = None,
        ended: threading.Event | None = None,
    ) -> None:
        """Waits for the broker at `bootstrap` (host:port[,host:port]); makes the topic if it is ours and missing.

        Whoever sets `ended`, or closes the sender without waiting, ends every wait here with Closed. Raises
        SettingsError for a topic of another name that Kafka does not have.
        """
        self._ended = ended or threading.Event()
        self.acknowledged = self.acknowledged_bytes = self.failed = 0
        self._bootstrap, self._topic, self._partitions = bootstrap, topic, partitions
        self._on_failed, self._on_acknowledged, self._clock = on_failed, on_acknowledged, clock
        self._lane = threading.RLock()  # held while a message is handed over or the producer is replaced
        self._changed = threading.Condition()  # held for the counters; never while waiting for `_lane`
        self._handed = self._waiting = self._waiting_bytes = 0
        self._again: list[tuple[_Message, Exception]] = []
        self._heard = clock()
        self._outage = Outage(logger, "Kafka", clock)
        self._producer = connect(bootstrap, topic, partitions, self._ended)

    def __enter__(self) -> Sender:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close(wait=kind is None)

    @property
    def waiting(self) -> int:
        """Messages that are neither acknowledged nor refused."""
        return self._waiting + len(self._again)

    def send(self, value: bytes | None, key: bytes | None = None, tag: Any = None) -> None:
        """Hand over one message; returns at once unless too much is unacknowledged already.

        Raises TooLarge for what the topic cannot take, ValueError for a null value without a key.
        """
        if value is None and key is None:
            raise ValueError("A message needs a key or a value")
        with self._lane:
            message = _Message(self._handed, value, key, tag, passage.sent(int(time.time() * 1000)))
            if message.size > topics.MAX_MESSAGE - OVERHEAD:
                limit = topics.MAX_MESSAGE - OVERHEAD
                raise TooLarge(f"The message has {message.size} bytes; {self._topic} takes {limit}.")
            self._recover()
            self._wait_until(
                lambda: self._waiting < WAITING_MESSAGES and self._waiting_bytes + message.size <= WAITING_BYTES
            )
            self._handed += 1
            self._hand_over(message)

    def flush(self) -> None:
        """Return when every message is acknowledged or refused for good, however long the broker is away."""
        with self._lane:
            self._wait_until(lambda: not self._waiting)
            self._recover()

    def settle(self) -> None:
        """Send again what Kafka refused, if anything, as `send` and `flush` do. For who may not send for long."""
        if self._again:
            with self._lane:
                self._recover()

    def close(self, wait: bool = True) -> None:
        """Give the connection back; with `wait` only after `flush`."""
        if wait:
            self.flush()
        self._ended.set()
        with suppress(KafkaTimeoutError):  # what is unacknowledged then is left, as the caller wants
            self._producer.close(timeout=5 if wait else 0)

    def _hand_over(self, message: _Message) -> None:
        with self._changed:
            if not self._waiting:
                self._heard = self._clock()
            self._waiting += 1
            self._waiting_bytes += message.size
        try:
            future = self._queued(message)
        except BaseException:
            self._settle(message)
            raise
        future.add_callback(lambda place: self._acknowledge(message, place))
        future.add_errback(lambda error: self._settle(message, error=error))

    def _queued(self, message: _Message) -> Any:
        while True:
            try:
                return self._producer.send(self._topic, message.value, message.key, headers=[message.sent])
            except KafkaTimeoutError:  # it went away before it said where the topic is
                if self._ended.is_set():
                    raise Closed("Closed before Kafka said where the topic is") from None
                self._outage.down(kafka=self._bootstrap, unacknowledged=self._waiting)

    def _acknowledge(self, message: _Message, place: Any) -> None:
        try:
            if self._on_acknowledged:
                self._on_acknowledged(message.tag, place.partition, place.offset)
        finally:
            self._settle(message, acknowledged=True)

    def _settle(self, message: _Message, acknowledged: bool = False, error: Exception | None = None) -> None:
        """Called, in a thread of the producer, when it is known what became of a message."""
        with self._changed:
            self._waiting -= 1
            self._waiting_bytes -= message.size
            if acknowledged:
                self.acknowledged += 1
                self.acknowledged_bytes += message.size
                self._outage.up()
            if error is not None:
                self._again.append((message, error))
            self._heard = self._clock()
            self._changed.notify_all()

    def _recover(self) -> None:
        """Send what failed again, one by one; what fails alone is refused for good."""
        if not self._again:
            return
        self._wait_until(lambda: not self._waiting)
        failed, self._again = sorted(self._again, key=lambda pair: pair[0].number), []
        self._renew()
        for message, error in failed:
            final = error if isinstance(error, AuthorizationError) else self._alone(message)
            if final:
                self._refuse(message, final)

    def _alone(self, message: _Message) -> Exception | None:
        """Send one message with nothing beside it; why it is refused for good, None when it is acknowledged."""
        self._hand_over(message)
        self._wait_until(lambda: not self._waiting)
        if not self._again:
            return None
        error = self._again.pop()[1]
        self._renew()
        return error

    def _renew(self) -> None:
        self._producer.close(timeout=0)
        self._producer = connect(self._bootstrap, self._topic, self._partitions, self._ended)

    def _refuse(self, message: _Message, error: Exception) -> None:
        self.failed += 1
        if self._on_failed:
            self._on_failed(message.tag, error)
        else:
            logger.error("Kafka refused a message", topic=self._topic, error=str(error) or type(error).__name__)

    def _wait_until(self, holds: Callable[[], bool]) -> None:
        """Wait for acknowledgements until `holds`, and say so while there are none."""
        with self._changed:
            self._say_silence()
            while not holds():
                if self._ended.is_set():
                    raise Closed(f"Closed with {self._waiting} messages unacknowledged")
                self._changed.wait(1.0)
                self._say_silence()

    def _say_silence(self) -> None:
        if self._waiting and self._clock() - self._heard > SILENCE_S:
            self._outage.down(kafka=self._bootstrap, unacknowledged=self._waiting)
