"""Our sink as `posko sink` runs it, on a run's topics.

python -m tests.bench.our_sink JOB
"""

from __future__ import annotations

import asyncio
import signal
import sys

import uvloop

from posko import log
from sinks import clickhouse
from sinks.consumer import Consumer
from sinks.run import WithoutPandas, collect_rarely
from sinks.storage import TOPICS, Storage
from tests.bench.job import Job, say
from tests.bench.queryable import reached


async def consume(job: Job) -> None:
    known = reached(job)
    names = {kind: job.topic(name) for kind, name in TOPICS.items()}

    def ready(is_ready: bool) -> None:
        if is_ready:  # partitions are taken over: the first records come now
            say("began")

    consumer = Consumer(known, Storage(clickhouse.connect(known), names), ready, group=job.prefix + "sink")
    collect_rarely()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, consumer.stop)
    await consumer.run()


def main() -> None:
    log.configure("warning")
    sys.meta_path.insert(0, WithoutPandas())
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(consume(Job.given()))


if __name__ == "__main__":
    main()
