"""Kafka topics: their names, their settings, and which partition a key belongs to."""

from __future__ import annotations

from dataclasses import dataclass, field

REPORTS = "reports"
ENRICHED = "reports.enriched"
MATCHED = "reports.matched"
REJECTED = "reports.rejected"
INCIDENTS = "incidents"
ACTIONS = "actions"
CORRELATE_CHANGELOG = "posko.correlate.changelog"

INTAKE_GROUP = "posko-intake"
CORRELATE_GROUP = "posko-correlate"
TRIAGE_GROUP = "posko-triage"
SINK_GROUP = "posko-sink"

# Bytes; above what producers send, so that a message too large is kept as rejected, not lost at the door.
MAX_MESSAGE = 8 << 20


@dataclass(frozen=True)
class Topic:
    """A topic as it is made. `config` holds Kafka's own topic settings."""

    name: str
    config: dict[str, str] = field(default_factory=dict)


_KEPT = {"retention.ms": "-1", "max.message.bytes": str(MAX_MESSAGE)}  # the record of truth: nothing expires by itself
_COMPACTED = {"cleanup.policy": "compact", "max.message.bytes": str(MAX_MESSAGE)}
# State is read back whole when its partition moves. Kafka compacts closed segments only: small ones, and early, keep
# what has to be read near what there is.
_STATE = {**_COMPACTED, "segment.bytes": str(32 << 20), "min.cleanable.dirty.ratio": "0.3"}

# `reports` carries the broker's clock: when a report was received is not for the sender to say.
ALL = (
    Topic(REPORTS, {**_KEPT, "message.timestamp.type": "LogAppendTime"}),
    Topic(ENRICHED, _KEPT),
    Topic(MATCHED, _KEPT),
    Topic(REJECTED, _KEPT),
    Topic(INCIDENTS, _COMPACTED),
    Topic(ACTIONS, {**_KEPT, "message.timestamp.type": "LogAppendTime"}),
    Topic(CORRELATE_CHANGELOG, _STATE),
)


def partition_of(key: bytes, partitions: int) -> int:
    """The partition of a key, as Kafka's default partitioner chooses it (murmur2): any producer agrees with us.

    Source: `org.apache.kafka.common.utils.Utils.murmur2` and `BuiltInPartitioner.partitionForKey`.
    """
    return (_murmur2(key) & 0x7FFFFFFF) % partitions


def _murmur2(data: bytes) -> int:
    mask, m, length = 0xFFFFFFFF, 0x5BD1E995, len(data)
    h = (0x9747B28C ^ length) & mask
    for i in range(0, length - length % 4, 4):
        k = int.from_bytes(data[i : i + 4], "little") * m & mask
        k = (k ^ (k >> 24)) * m & mask
        h = (h * m & mask) ^ k
    if tail := data[length - length % 4 :]:
        h = (h ^ int.from_bytes(tail, "little")) * m & mask
    h = (h ^ (h >> 13)) * m & mask
    return h ^ (h >> 15)
