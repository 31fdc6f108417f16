"""The way into Kafka for everything that sends: nothing lost, nothing doubled by a retry, nothing piling up."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError
from tenacity import RetryCallState, retry, retry_if_exception_type, wait_exponential

from posko import kafka_admin, log, topics
from posko.regions import codes
from posko.settings import SettingsError

WAITING_BYTES = 32 << 20  # unacknowledged at most; then `send` waits
WAITING_MESSAGES = 50_000
OVERHEAD = 1024  # bytes that Kafka adds to a message, and a margin
SILENCE_S = 5.0  # without any acknowledgement before it is said, and between two such lines
FOREVER_MS = (1 << 31) - 1  # 24 days: a message waits for the broker as long as the process lives

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


class Sender:
    """Sends messages to one topic: idempotent, acknowledged by all replicas, compressed, retried while it lives.

    Safe to use from several threads. `on_failed(tag, error)` is called, in a thread of the producer, for each message
    that Kafka refused for good; `tag` is what `send` was given with it.
    """

    def __init__(
        self,
        bootstrap: str,
        topic: str = topics.REPORTS,
        partitions: int = 4,
        on_failed: Callable[[Any, Exception], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Waits for the broker at `bootstrap` (host:port[,host:port]); makes the topic if it is ours and missing.

        Raises SettingsError for a topic of another name that Kafka does not have.
        """
        logging.getLogger("kafka").setLevel(logging.CRITICAL)  # what it would say about an absent broker, we say once
        self.acknowledged = self.acknowledged_bytes = self.failed = 0
        self._bootstrap, self._topic, self._on_failed, self._clock = bootstrap, topic, on_failed, clock
        self._changed = threading.Condition()
        self._waiting = self._waiting_bytes = 0
        self._heard = self._said = clock()
        self._producer = _connect(bootstrap, topic, partitions)

    def __enter__(self) -> Sender:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close(wait=kind is None)

    @property
    def waiting(self) -> int:
        """Messages that are not yet acknowledged."""
        return self._waiting

    def send(self, value: bytes | None, key: bytes | None = None, tag: Any = None) -> None:
        """Hand over one message; returns at once unless too much is unacknowledged already.

        Raises TooLarge for what the topic cannot take, ValueError for a null value without a key.
        """
        size = len(value or b"") + len(key or b"")
        if size > topics.MAX_MESSAGE - OVERHEAD:
            limit = topics.MAX_MESSAGE - OVERHEAD
            raise TooLarge(f"The message has {size} bytes; {self._topic} takes {limit}.")
        with self._changed:
            self._wait_until(lambda: self._waiting < WAITING_MESSAGES and self._waiting_bytes + size <= WAITING_BYTES)
            if not self._waiting:
                self._heard = self._clock()
            self._waiting += 1
            self._waiting_bytes += size
        try:
            future = self._producer.send(self._topic, value, key)
        except BaseException:
            self._done(size)
            raise
        future.add_callback(lambda _: self._delivered(size))
        future.add_errback(lambda error: self._refused(size, tag, error))

    def flush(self) -> None:
        """Return when every message is acknowledged or has failed for good, however long the broker is away."""
        with self._changed:
            self._wait_until(lambda: not self._waiting)

    def close(self, wait: bool = True) -> None:
        """Give the connection back; with `wait` only after `flush`."""
        if wait:
            self.flush()
        self._producer.close(timeout=5 if wait else 0)

    def _wait_until(self, holds: Callable[[], bool]) -> None:
        """Wait for acknowledgements until `holds`, and say so while there are none. The lock is held by the caller."""
        self._say_silence()
        while not holds():
            self._changed.wait(1.0)
            self._say_silence()

    def _say_silence(self) -> None:
        now = self._clock()
        if self._waiting and now - self._heard > SILENCE_S and now - self._said > SILENCE_S:
            silent = round(now - self._heard)
            self._said = now
            logger.warning("waiting for Kafka", kafka=self._bootstrap, seconds=silent, unacknowledged=self._waiting)

    def _delivered(self, size: int) -> None:
        with self._changed:
            self.acknowledged += 1
            self.acknowledged_bytes += size
        self._done(size)

    def _refused(self, size: int, tag: Any, error: Exception) -> None:
        with self._changed:
            self.failed += 1
        try:
            if self._on_failed:
                self._on_failed(tag, error)
            else:
                logger.error("Kafka refused a message", topic=self._topic, error=str(error) or type(error).__name__)
        finally:
            self._done(size)

    def _done(self, size: int) -> None:
        with self._changed:
            self._waiting -= 1
            self._waiting_bytes -= size
            self._heard = self._clock()
            self._changed.notify_all()


class _Away(Exception):
    """The broker does not answer."""


def _say(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    logger.warning("waiting for Kafka", error=str(error) or type(error).__name__)


@retry(
    retry=retry_if_exception_type((_Away, KafkaError, OSError, kafka_admin.TopicsError)),
    wait=wait_exponential(multiplier=0.5, max=SILENCE_S),
    before_sleep=_say,
)
def _connect(bootstrap: str, topic: str, partitions: int) -> KafkaProducer:
    if not kafka_admin.answers(bootstrap):
        raise _Away(f"Kafka at {bootstrap} does not answer; start it, or check the address (POSKO_KAFKA)")
    if ours := [one for one in topics.ALL if one.name == topic]:
        kafka_admin.ensure_topics(bootstrap, partitions, wanted=ours)
    elif not _has(bootstrap, topic):
        raise SettingsError(f"Kafka at {bootstrap} has no topic {topic}; check its name, or make it first")
    return KafkaProducer(
        bootstrap_servers=bootstrap.split(","),
        client_id="posko",
        enable_idempotence=True,
        acks="all",
        compression_type="gzip",  # the one codec that every client has
        linger_ms=5,
        batch_size=256 << 10,
        max_request_size=topics.MAX_MESSAGE,
        delivery_timeout_ms=FOREVER_MS,
        reconnect_backoff_max_ms=2000,
        allow_auto_create_topics=False,  # a topic made by accident has the wrong settings
    )


def _has(bootstrap: str, topic: str) -> bool:
    admin = KafkaAdminClient(bootstrap_servers=bootstrap.split(","))
    try:
        return topic in admin.list_topics()
    finally:
        admin.close()
