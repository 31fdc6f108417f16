"""`posko sink`: everything wired together, from start to a clean stop."""

from __future__ import annotations

import asyncio
import importlib.abc
import logging
import signal
import sys
from collections.abc import Callable

import uvloop
from clickhouse_connect.driver.client import Client
from tenacity import RetryCallState, Retrying, retry_if_exception, wait_random_exponential

from posko import context, garbage, kafka_admin, log, metrics, ready
from posko.errors import first_line
from posko.observed import Watched, serving
from posko.outage import Outage, watch_kafka
from posko.settings import Settings
from sinks import clickhouse, migrate, passages, regions, watched
from sinks.clickhouse import Verdict, judge
from sinks.consumer import Consumer, Displaced
from sinks.migrate import MigrationError
from sinks.storage import MOST_WAIT_S, Storage
from sinks.writer import Refused


def run(settings: Settings) -> int:
    """Store until SIGTERM or SIGINT. Returns the exit status: 0 when told to stop, 1 after a failure, 2 when the tables
    belong to another version.
    """
    log.configure(settings.log_level)
    sys.meta_path.insert(0, WithoutPandas())
    with serving("sink", settings) as seen:
        return _run(settings, seen)


def _run(settings: Settings, seen: Watched) -> int:
    for chatty in ("urllib3", "clickhouse_connect"):  # what they would say, Storage says with topic and offsets
        logging.getLogger(chatty).setLevel(logging.CRITICAL)
    logger = log.get("sinks")
    # Before the loop has its handlers: a sink that waits for ClickHouse or Kafka ends at once, it holds nothing yet.
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, _leave)
    try:
        client = prepared(settings)
        Retrying(
            retry=retry_if_exception(lambda error: isinstance(error, kafka_admin.TopicsError)),
            wait=wait_random_exponential(multiplier=0.2, max=MOST_WAIT_S),
            before_sleep=_reporter(Outage(logger, "Kafka")),
            reraise=True,
        )(kafka_admin.ensure_topics, settings.kafka_address, settings.partitions)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            holding = watched.Holding(ready.mark)
            runner.run(_consume(settings, client, holding, seen))
    except MigrationError as error:
        logger.error(str(error))
        return 2
    except (Refused, Displaced) as error:
        logger.error(str(error))
        return 1
    except Exception as error:
        logger.error(
            "the sink ends; what is not stored is read again at its next start",
            error=str(error)[:1000],
            kind=type(error).__name__,
        )
        return 1
    return 0


def prepared(settings: Settings) -> Client:
    """A client of a ClickHouse that has the schema and the regions; waits for one that does not answer."""

    outage = Outage(log.get("sinks"), "ClickHouse")

    def attempt() -> Client:
        client = clickhouse.connect(settings)
        migrate.apply(client)
        known = context.load(settings.election).regions
        if regions.load(client, list(known.all.values())):
            log.get("sinks").info("regions loaded", regions=len(known.all))
        return client

    client = Retrying(
        retry=retry_if_exception(lambda error: judge(error) is Verdict.WAIT),
        wait=wait_random_exponential(multiplier=0.2, max=MOST_WAIT_S),
        before_sleep=_reporter(outage),
        reraise=True,
    )(attempt)
    outage.up()
    return client


async def _consume(settings: Settings, client: Client, holding: watched.Holding, seen: Watched) -> None:
    storage = Storage(client)
    consumer = Consumer(settings, storage, holding)
    collect_rarely()
    watched.begin(seen, settings, consumer, holding)
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, consumer.stop)
    keeping = asyncio.create_task(passages.keep(storage.passages, passages.into(client)))
    metrics.pulled(metrics.SINK, storage.passages.families)
    watching = asyncio.create_task(watch_kafka(settings.kafka_address, Outage(log.get("sinks"), "Kafka")))
    try:
        await consumer.run()
    finally:
        watching.cancel()
        keeping.cancel()
        if not storage.outage.is_on:
            await asyncio.to_thread(passages.write, storage.passages, passages.into(client))


def collect_rarely() -> None:
    """A batch is some 20,000 records, rows and tuples, none of them in a cycle; looking through them again and again
    cost as much as decoding them (12 microseconds a message for decoding and Arrow columns, 15 to 30 with it).
    """
    garbage.look_rarely(100_000, 10, 1_000)


class WithoutPandas(importlib.abc.MetaPathFinder):
    """Arrow loads pandas, where it is installed, as soon as it makes a column, only to know whether it was given one of
    pandas: 60 MB, and one to two seconds before the first batch is stored. To be put into `sys.meta_path`.
    """

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> None:
        """Raises ModuleNotFoundError for pandas; leaves everything else to the finders behind it."""
        if fullname == "pandas":
            raise ModuleNotFoundError("this process does without pandas", name=fullname)


def _leave(number: int, _: object) -> None:
    raise SystemExit(0)


def _reporter(outage: Outage) -> Callable[[RetryCallState], None]:
    def report(state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        outage.down(error=first_line(error))

    return report
