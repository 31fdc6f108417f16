"""The real broker names each partition it is asked for: on that rests what a new owner does with a partition."""

from __future__ import annotations

import uuid

from aiokafka import AIOKafkaConsumer, TopicPartition

from posko import kafka_admin, topics
from streams.committed import committed


async def test_a_group_without_a_commit_has_none_and_with_one_has_it(kafka: str) -> None:
    name = f"committed-{uuid.uuid4().hex[:8]}"
    kafka_admin.ensure_topics(kafka, 1, wanted=[topics.Topic(name)])
    source = TopicPartition(name, 0)
    assert await committed(kafka, name, source) is None
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, group_id=name, enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign([source])
        await consumer.commit({source: 17})
    finally:
        await consumer.stop()
    assert await committed(kafka, name, source) == 17
