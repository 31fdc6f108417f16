"""The topics of `posko.topics` in a running Kafka: made when missing, checked when there."""

from __future__ import annotations

import socket
from collections.abc import Collection

from kafka.admin import KafkaAdminClient, NewTopic
from kafka.errors import KafkaError, TopicAlreadyExistsError

from posko import topics

REQUEST_MS = 30_000


class TopicsError(Exception):
    """Topics could not be made; the text says which, why, and what to do."""


def answers(bootstrap: str, timeout: float = 2.0) -> bool:
    """Whether a broker at `bootstrap` answers a metadata request within `timeout` seconds."""
    if not any(_listens(address, timeout) for address in bootstrap.split(",")):
        return False  # the client would wait its whole time to find that out
    try:
        admin = _client(bootstrap, timeout)
    except (KafkaError, OSError, ValueError):
        return False
    try:
        return bool(admin.describe_cluster()["brokers"])
    except (KafkaError, OSError):
        return False
    finally:
        admin.close()


def _listens(address: str, timeout: float) -> bool:
    host, _, port = address.strip().rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout):
            return True
    except (OSError, ValueError):
        return False


def ensure_topics(
    bootstrap: str, partitions: int, replication: int = -1, wanted: Collection[topics.Topic] = topics.ALL
) -> list[str]:
    """Make the topics that are missing, each with `partitions` partitions; what is there is left as it is.

    `replication` -1 means the broker's default. Returns one sentence for each topic that has another number of
    partitions. Safe to call from several processes at once. Raises TopicsError.
    """
    try:
        admin = _client(bootstrap, REQUEST_MS / 1000)
    except (KafkaError, OSError, ValueError) as error:
        raise TopicsError(f"Kafka at {bootstrap} does not answer ({error}); check the address (POSKO_KAFKA)") from error
    try:
        there = _partition_counts(admin)
        missing = [topic for topic in wanted if topic.name not in there]
        _create(admin, missing, partitions, replication)
    except KafkaError as error:
        raise TopicsError(f"Topics could not be made in Kafka at {bootstrap}: {error}") from error
    finally:
        admin.close()
    return [
        f"Topic {topic.name} has {there[topic.name]} partitions, not {partitions}"
        for topic in wanted
        if there.get(topic.name, partitions) != partitions
    ]


def _client(bootstrap: str, timeout: float) -> KafkaAdminClient:
    return KafkaAdminClient(
        bootstrap_servers=bootstrap.split(","),
        bootstrap_timeout_ms=int(timeout * 1000),
        request_timeout_ms=REQUEST_MS,
    )


def _partition_counts(admin: KafkaAdminClient) -> dict[str, int]:
    return {topic["name"]: len(topic["partitions"]) for topic in admin.describe_topics()}


def _create(admin: KafkaAdminClient, wanted: list[topics.Topic], partitions: int, replication: int) -> None:
    for topic in wanted:
        new = NewTopic(topic.name, partitions, replication, topic_configs=topic.config)
        try:
            admin.create_topics([new], wait_for_metadata=True)
        except TopicAlreadyExistsError:  # another process was faster
            continue
