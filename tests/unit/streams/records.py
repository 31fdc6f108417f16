"""Records as the consumer hands them over."""

from __future__ import annotations

from aiokafka import ConsumerRecord


def record(
    value: bytes | None, offset: int = 0, key: bytes | None = b"k", topic: str = "reports", partition: int = 0
) -> ConsumerRecord:
    return ConsumerRecord(topic, partition, offset, 1_700_000_000_000 + offset, 1, key, value, None, -1, -1, ())
