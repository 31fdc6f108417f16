"""A connection to Kafka that waits for the broker as long as it takes, and says so."""

from __future__ import annotations

import logging
import threading

from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError
from tenacity import (
    RetryCallState,
    RetryError,
    Retrying,
    retry_if_exception_type,
    sleep_using_event,
    stop_when_event_set,
    wait_exponential,
)

from posko import kafka_admin, log, topics
from posko.outage import Outage
from posko.settings import SettingsError

PAUSE_S = 5.0  # between two attempts, at most
FOREVER_MS = (1 << 31) - 1  # 24 days: a message waits for the broker as long as the process lives

logger = log.get("producers")
logging.getLogger("kafka").setLevel(
    logging.CRITICAL
)  # what it says about an absent broker a hundred times, we say once


class _Away(Exception):
    """The broker does not answer."""


class Closed(Exception):
    """What was waited for is not wanted any longer: the sender was closed meanwhile."""


def connect(bootstrap: str, topic: str, partitions: int, ended: threading.Event) -> KafkaProducer:
    """A producer for `topic`, once the broker answers; see `producers.kafka.Sender`. Raises Closed once `ended`."""
    outage = Outage(logger, "Kafka")

    def say(state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        outage.down(error=str(error) or type(error).__name__)

    tries = Retrying(
        retry=retry_if_exception_type((_Away, KafkaError, OSError, kafka_admin.TopicsError)),
        wait=wait_exponential(multiplier=0.5, max=PAUSE_S),
        sleep=sleep_using_event(ended),
        stop=stop_when_event_set(ended),
        before_sleep=say,
    )
    try:
        producer = tries(_connect, bootstrap, topic, partitions)
    except RetryError:
        raise Closed(f"Closed before Kafka at {bootstrap} answered") from None
    outage.up()
    return producer


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
