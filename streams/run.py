"""Run a stream worker in the foreground until SIGTERM, SIGINT or a failure."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Callable

import faust
import uvloop

from posko import garbage, log, ready
from posko.kafka_admin import TopicsError
from posko.observed import Watched, serving
from posko.outage import Outage, watch_kafka
from posko.settings import Settings, SettingsError
from streams import broker, watched
from streams.app import Domain, Wired, load_domain, wire
from streams.batches import Batches
from streams.failure import describe
from streams.names import Names

STOP_LIMIT = 4.0  # seconds to finish the batches in hand and leave the groups
FAIL_LIMIT = 2.0  # seconds to leave the groups after a failure
REPORT_EVERY = 60.0

OK, FAILED, MISCONFIGURED = 0, 1, 2

logger = log.get("streams")


class Worker(faust.Worker):
    """Faust's worker without its terminal output, logging set-up and signal handlers: those are ours."""

    def install_signal_handlers(self) -> None:
        """Ours stand already: they finish the batches in hand first."""

    def _setproctitle(self, info: str, *, ident: str = "") -> None:
        """The command line stays readable in process lists."""


def run(settings: Settings, names: Names | None = None, domain: Callable[[str], Domain] = load_domain) -> int:
    """Work until told to stop. Returns the exit status: 0 stopped cleanly, 1 failed, 2 cannot start like this.

    Callers end the process with `leave`: client threads and tasks may be stuck, and nothing is left to save.
    """
    log.configure(settings.log_level)
    with (
        serving("stream", settings) as seen,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        status = runner.run(_serve(settings, names or Names(), domain, seen))
        if status == FAILED:
            leave(status)
    return status


def leave(status: int) -> None:
    """End the process now, whatever is stuck."""
    sys.stderr.flush()
    os._exit(status)


async def _serve(settings: Settings, names: Names, domain: Callable[[str], Domain], seen: Watched) -> int:
    stop, failed = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    starting = asyncio.create_task(_start(settings, names, domain, failed.set))
    if not await _first(starting, stop):
        starting.cancel()
        return OK
    try:
        wired = starting.result()
    except (broker.PartitionsDiffer, SettingsError) as error:
        logger.error(str(error))
        return MISCONFIGURED
    except TopicsError as error:
        logger.error(str(error))
        return FAILED
    except Exception as error:
        logger.error("stream worker could not start", **describe(error))
        return FAILED
    watched.begin(seen, settings, wired.channels)
    return await _work(wired, settings.kafka_address, stop, failed)


async def _start(
    settings: Settings, names: Names, domain: Callable[[str], Domain], failed: Callable[[], None]
) -> Wired:
    await broker.wait(settings.kafka_address)
    partitions = await broker.prepare(settings.kafka_address, names, settings.partitions)
    return wire(settings, names, await asyncio.to_thread(domain, settings.election), partitions, failed)


async def _work(wired: Wired, kafka: str, stop: asyncio.Event, failed: asyncio.Event) -> int:
    worker = Worker(
        wired.app, override_logging=False, redirect_stdouts=False, quiet=True, loop=asyncio.get_running_loop()
    )
    worker.spinner = None
    tasks = [asyncio.create_task(worker.start())]
    try:
        for channel in wired.channels:
            await channel.join()
        tasks += [asyncio.create_task(_ready(wired.channels)), asyncio.create_task(_report(wired.channels))]
        tasks.append(asyncio.create_task(watch_kafka(kafka, Outage(logger, "Kafka"))))
        ending = asyncio.create_task(failed.wait())
        await asyncio.wait({ending, asyncio.create_task(stop.wait()), tasks[0]}, return_when=asyncio.FIRST_COMPLETED)
        if failed.is_set() or not stop.is_set():
            return await _fail(wired)
        return await _stop(wired, worker, failed)
    finally:
        ready.mark(False)
        for task in tasks[1:]:
            task.cancel()


async def _stop(wired: Wired, worker: Worker, failed: asyncio.Event) -> int:
    logger.info("stopping")
    try:
        async with asyncio.timeout(STOP_LIMIT):
            await asyncio.gather(*(channel.leave() for channel in wired.channels))
            await worker.stop()
    except TimeoutError:
        logger.error("the batches in hand did not end in time; they will be repeated", seconds=STOP_LIMIT)
        return FAILED
    if failed.is_set():
        return FAILED
    logger.info("stopped")
    return OK


async def _fail(wired: Wired) -> int:
    """Leave the groups, so that the partitions need not wait for the session to time out. Commits nothing. The exit
    status: starting again helps, unless a state cannot be read."""
    logger.error("stream worker failed")
    try:
        async with asyncio.timeout(FAIL_LIMIT):
            await asyncio.gather(*(channel.abandon() for channel in wired.channels), return_exceptions=True)
    except TimeoutError:
        pass
    return MISCONFIGURED if any(channel.unreadable for channel in wired.channels) else FAILED


async def _ready(channels: list[Batches]) -> None:
    for channel in channels:
        await channel.settled.wait()
    collect_rarely()
    ready.mark(True)
    logger.info("ready")


def collect_rarely() -> None:
    """The domain makes no reference cycles, and a full collection of a day's state stops a worker for a quarter of a
    second. Young objects are still collected, in steps of some 25 ms at most; the rest when nothing is going on.
    """
    garbage.look_rarely(200_000, 1_000, 1_000_000)


async def _report(channels: list[Batches]) -> None:
    while True:
        await asyncio.sleep(REPORT_EVERY)
        if not sum(channel.report() for channel in channels):
            gc.collect()


async def _first(task: asyncio.Task, event: asyncio.Event) -> bool:
    """Whether `task` ended before `event` was set."""
    waiting = asyncio.create_task(event.wait())
    await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    return task.done()
