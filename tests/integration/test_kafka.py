"""What the embedded broker promises."""

from __future__ import annotations

from kafka import KafkaProducer

from posko import kafka_admin, topics


def test_topics_are_made_once_and_a_different_number_of_partitions_is_told(kafka: str) -> None:
    wanted = [topics.Topic("local.made", {"retention.ms": "-1"})]
    assert kafka_admin.ensure_topics(kafka, 3, wanted=wanted) == []
    assert kafka_admin.ensure_topics(kafka, 3, wanted=wanted) == []
    (warning,) = kafka_admin.ensure_topics(kafka, 5, wanted=wanted)
    assert "local.made has 3 partitions, not 5" in warning


def test_a_message_of_the_largest_size_is_taken(kafka: str) -> None:
    largest = topics.Topic("local.large", {"max.message.bytes": str(topics.MAX_MESSAGE)})
    kafka_admin.ensure_topics(kafka, 1, wanted=[largest])
    producer = KafkaProducer(bootstrap_servers=kafka, max_request_size=topics.MAX_MESSAGE)
    try:
        assert producer.send("local.large", bytes(topics.MAX_MESSAGE - 1024)).get(30).offset == 0
    finally:
        producer.close()
