"""Something that others wait for is away: one line when it goes, one a minute while it is gone, one when it is back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any, Protocol

from posko import kafka_admin, log

EVERY_S = 60.0  # between two lines about the same outage
LOOK_S = 2.0  # between two looks whether the Kafka client has complained


class Logger(Protocol):
    """What is used of a structlog logger."""

    def warning(self, event: str, **fields: Any) -> Any: ...

    def info(self, event: str, **fields: Any) -> Any: ...


class Outage:
    """Says when `what` (ClickHouse, Kafka) stops and begins to answer. `clock`: seconds, steady. Not thread-safe."""

    def __init__(self, logger: Logger, what: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._logger, self._what, self._clock = logger, what, clock
        self._began: float | None = None
        self._said = 0.0
        self._event = ""
        self._tries = 0

    @property
    def is_on(self) -> bool:
        return self._began is not None

    @property
    def text(self) -> str:
        """What was last said about the outage that lasts; "" when there is none."""
        return self._event if self.is_on else ""

    def down(self, event: str = "", **fields: Any) -> None:
        """Note an attempt in vain. `event` instead of the usual sentence; another one than before is said at once."""
        now = self._clock()
        event = event or f"{self._what} does not answer; waiting, nothing is dropped"
        self._tries += 1
        if self._began is None:
            self._began = now
        elif event == self._event and now - self._said < EVERY_S:
            return
        self._said, self._event = now, event
        self._logger.warning(event, **fields, seconds=round(now - self._began), tries=self._tries)

    def up(self) -> None:
        """Note an answer."""
        if self._began is not None:
            seconds = round(self._clock() - self._began)
            self._logger.info(f"{self._what} answers again", seconds=seconds, tries=self._tries)
        self._began, self._tries = None, 0


async def watch_kafka(bootstrap: str, outage: Outage, client: str = "aiokafka") -> None:
    """Follow Kafka for as long as the process lives: ask it only when the client library has complained in the log,
    so that a broker that is well is never asked.
    """
    heard = log.complaints(client)
    while True:
        await asyncio.sleep(LOOK_S)
        if not outage.is_on and heard == (heard := log.complaints(client)):
            continue
        if await asyncio.to_thread(kafka_admin.answers, bootstrap):
            outage.up()
        else:
            outage.down(address=bootstrap)
