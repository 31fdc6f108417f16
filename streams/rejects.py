"""What a refused message becomes in `reports.rejected`: the original bytes, and why, as docs/messages.md says."""

from __future__ import annotations

from typing import NamedTuple

from aiokafka import ConsumerRecord

from posko import metrics, topics
from streams.transactions import Header, Outputs

DETAIL_LIMIT = 1000  # characters
OVERHEAD = 24 << 10  # bytes that key, headers and Kafka's own framing may add to a value
KEPT = 64 << 10  # bytes of a value that does not fit


class Why(NamedTuple):
    """Reason code, field of the report (or ""), one English sentence; after a fault of the program where it was."""

    reason: str
    field: str
    detail: str
    traceback: str = ""


class Rejects:
    """Adds rejected records to a batch's outputs, on the partition of their key, or for want of one of the message."""

    def __init__(self, topic: str, partitions: int, limit: int = topics.MAX_MESSAGE) -> None:
        self._topic, self._partitions, self._limit = topic, partitions, limit

    def add(self, outputs: Outputs, record: ConsumerRecord, why: Why, times: Header | None = None) -> None:
        """Reject `record`. What the topic cannot hold is cut, and the detail says where the whole of it is.

        `times`: the header of `posko.passage`.
        """
        metrics.REJECTED.labels(why.reason).inc()
        key, value = record.key, record.value
        if len(value or b"") + len(key or b"") > self._limit - OVERHEAD:
            cut = f"Cut: {len(value or b'')} bytes do not fit; the whole is in {record.topic} at this offset."
            why = why._replace(detail=f"{why.detail} {cut}")
            key, value = (key or b"")[: OVERHEAD // 2] or None, (value or b"")[:KEPT]
        partition = record.partition % self._partitions if key is None else topics.partition_of(key, self._partitions)
        outputs.add(self._topic, partition, key, value, [*headers(record, why), *([times] if times else [])])


def headers(record: ConsumerRecord, why: Why) -> list[Header]:
    """The headers of docs/messages.md, UTF-8; lone surrogates from a broken message become question marks."""
    found = {
        "reason": why.reason,
        "field": why.field[:DETAIL_LIMIT],
        "detail": why.detail[:DETAIL_LIMIT],
        "topic": record.topic,
        "partition": str(record.partition),
        "offset": str(record.offset),
        "received_at": str(record.timestamp),
    }
    if why.traceback:
        found["traceback"] = why.traceback
    return [(name, text.encode("utf-8", "replace")) for name, text in found.items()]
