"""Before anything is accepted: does Kafka have what the ledger says? After a power cut it may not."""

from __future__ import annotations

from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

from posko import log
from producers.gateway.ledger import Ledger

ANSWER_MS = 10_000
logger = log.get("gateway")


def reconcile(ledger: Ledger, bootstrap: str, topic: str) -> None:
    """Make the ledger forget what lies beyond the topic's ends. Blocking; waits some ten seconds for the broker.

    When the broker does not answer, the ledger forgets everything: reports are then accepted twice, never lost.
    """
    try:
        dropped = ledger.reconcile(*_topic(bootstrap, topic))
    except (KafkaError, OSError, ValueError) as error:
        dropped = ledger.reconcile("", {})
        logger.warning("the ledger cannot be compared with Kafka and begins anew", error=str(error)[:300])
    if dropped:
        logger.warning("the ledger forgot reports that Kafka does not have", reports=dropped)


def _topic(bootstrap: str, topic: str) -> tuple[str, dict[int, int]]:
    """Kafka's id of the topic, and the end of each partition."""
    consumer = KafkaConsumer(bootstrap_servers=bootstrap.split(","), request_timeout_ms=ANSWER_MS)
    try:
        partitions = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic) or ()]
        ends = {one.partition: end for one, end in consumer.end_offsets(partitions).items()}
    finally:
        consumer.close()
    admin = KafkaAdminClient(bootstrap_servers=bootstrap.split(","), request_timeout_ms=ANSWER_MS)
    try:
        [described] = admin.describe_topics([topic])
    finally:
        admin.close()
    return _id(described), ends


def _id(described: dict[str, Any]) -> str:
    return str(described.get("topic_id") or "")
