"""Before the work starts: wait for the broker, make the topics, see that they fit together."""

from __future__ import annotations

import asyncio

from posko import kafka_admin, log, topics
from posko.outage import Outage
from streams.names import Names

# An incident, its reports and its state are on one partition number; so are the actions that will change it.
TOGETHER = (topics.ENRICHED, topics.MATCHED, topics.INCIDENTS, topics.ACTIONS, topics.CORRELATE_CHANGELOG)

logger = log.get("streams")


class PartitionsDiffer(Exception):
    """Topics that must have the same number of partitions have not; the text says which and what to do."""


async def wait(bootstrap: str) -> None:
    """Return when the broker answers; it is asked with growing pauses, half a second to ten."""
    pause, outage = 0.5, Outage(logger, "Kafka")
    while not await asyncio.to_thread(kafka_admin.answers, bootstrap):
        outage.down(address=bootstrap)
        await asyncio.sleep(pause)
        pause = min(10.0, pause * 1.6)
    outage.up()


async def prepare(bootstrap: str, names: Names, partitions: int) -> dict[str, int]:
    """Make missing topics with `partitions` partitions. Returns the real number of each, by its name in `posko.topics`.

    Raises PartitionsDiffer, and posko.kafka_admin.TopicsError.
    """
    wanted = [topics.Topic(names.topic(topic.name), topic.config) for topic in topics.ALL]
    for remark in await asyncio.to_thread(kafka_admin.ensure_topics, bootstrap, partitions, wanted=wanted):
        logger.warning(remark)
    counts = await _counts(bootstrap, [topic.name for topic in wanted])
    found = {topic.name: counts[names.topic(topic.name)] for topic in topics.ALL}
    check(found)
    return found


def check(counts: dict[str, int]) -> None:
    """Raise PartitionsDiffer unless the topics that belong together agree; `counts` by name of `posko.topics`."""
    if len({counts[name] for name in TOGETHER}) > 1:
        listed = ", ".join(f"{name} {counts[name]}" for name in TOGETHER)
        raise PartitionsDiffer(
            f"These topics need the same number of partitions: {listed}. "
            "Add partitions to the smaller ones before the first report, or make them anew."
        )


async def _counts(bootstrap: str, wanted: list[str]) -> dict[str, int]:
    from aiokafka.admin import AIOKafkaAdminClient

    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        described = await admin.describe_topics(wanted)
        return {topic["topic"]: len(topic["partitions"]) for topic in described}
    finally:
        await admin.close()
