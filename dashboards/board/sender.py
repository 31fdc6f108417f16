"""The board's one way to change anything: a message to the topic `actions`."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

from kafka import KafkaProducer
from kafka.errors import KafkaError

from posko import topics
from posko.settings import Settings

ACKNOWLEDGED_MS = 10_000  # Kafka takes the message within this time, or the person hears that it did not
AT_ONCE = 4


class NotSent(Exception):
    """Kafka did not take the message: whether it has it is not known, the same action may be sent again."""


class Sender:
    """An idempotent producer, made when it is first needed."""

    def __init__(self, settings: Settings) -> None:
        self._bootstrap = settings.kafka_address.split(",")
        self._lock = threading.Lock()
        self._producer: KafkaProducer | None = None
        self._threads = ThreadPoolExecutor(AT_ONCE, "actions")

    async def send(self, key: bytes, value: bytes) -> None:
        """Return when Kafka has acknowledged. Raises NotSent."""
        await asyncio.get_running_loop().run_in_executor(self._threads, self._send, key, value)

    def _send(self, key: bytes, value: bytes) -> None:
        try:
            future = self._connected().send(topics.ACTIONS, value, key)
            future.get(ACKNOWLEDGED_MS / 1000 + 2)
        except (KafkaError, OSError) as error:
            raise NotSent(type(error).__name__) from error

    def _connected(self) -> KafkaProducer:
        with self._lock:
            if self._producer is None:
                self._producer = KafkaProducer(
                    bootstrap_servers=self._bootstrap,
                    client_id="posko-board",
                    enable_idempotence=True,
                    acks="all",
                    request_timeout_ms=5000,
                    delivery_timeout_ms=ACKNOWLEDGED_MS,
                    max_block_ms=5000,
                    reconnect_backoff_max_ms=1000,
                    allow_auto_create_topics=False,
                )
            return self._producer

    def close(self) -> None:
        """What was not acknowledged is not waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        if self._producer is not None:
            self._producer.close(timeout=1)
