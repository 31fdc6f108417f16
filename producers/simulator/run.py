"""From options to a day that can be played."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from posko.context import Context
from posko.settings import SettingsError
from producers.simulator.day import Day
from producers.simulator.pace import Pace

SMALL = 2_000  # messages
SPARE = 1.1  # more is planned than --reports asks for, as a day's size is only known when it is over,
SPREAD = 6.0  # the more so the smaller the number: a few large events make much of a small day


@dataclass(frozen=True, slots=True)
class Plan:
    """A day, how fast it is played, and after how many messages it ends (None: when it is over)."""

    day: Day
    pace: Pace
    limit: int | None
    zone: tzinfo
    options: dict[str, Any]

    def header(self) -> dict[str, Any]:
        """What the truth file says about how the day was made."""
        span = self.day.span
        return {
            **self.options,
            "tps": self.day.world.tps,
            "scale": round(self.day.scale, 6),
            "start": span.start,
            "end": span.end,
        }


def plan(
    context: Context, *, seed: int, size: str, reports: int | None, hours: tuple[int, int], speed: float, rate: float,
    duration: float,
) -> Plan:  # fmt: skip
    """The day that the options describe. With a rate and a duration it has exactly `rate * duration` messages.

    Raises SettingsError for a size that is none.
    """
    limit = reports
    if rate and duration:
        limit = min(reports or 10**9, round(rate * duration))
    day = _day(context, seed, hours, 1.0)
    scale = _scale(day, size, limit)
    if scale != 1.0:
        day = _day(context, seed, hours, scale)
    options = {
        "seed": seed, "size": size, "reports": reports, "hours": list(hours), "speed": speed, "rate": rate,
        "duration": duration, "election": context.election.name,
    }  # fmt: skip
    return Plan(day, Pace(speed, 0.0 if rate else duration, rate), limit, context.election.timezone, options)


def _day(context: Context, seed: int, hours: tuple[int, int], scale: float) -> Day:
    return Day(context.election, context.catalog, context.regions, seed, hours, scale)


def _scale(day: Day, size: str, limit: int | None) -> float:
    """How many times a real day this is."""
    if limit is not None:
        return limit * (SPARE + SPREAD / math.sqrt(limit)) / day.expected_messages()
    if size == "day":
        return 1.0
    if size == "small":
        return min(1.0, SMALL / day.expected_messages())
    if size.isdecimal() and int(size):
        return int(size) / day.expected_events()
    raise SettingsError(f"--size {size!r} is none; give day, small or a number of events")


class KafkaTarget:
    """Sends to the topic `reports`."""

    def __init__(self, bootstrap: str, partitions: int) -> None:
        from producers.kafka import Sender

        self._sender = Sender(bootstrap, partitions=partitions)

    def send(self, key: bytes, value: bytes | None) -> None:
        self._sender.send(value, key)

    def close(self) -> None:
        """Return when everything is acknowledged. Raises SettingsError when Kafka refused messages for good."""
        self._sender.close()
        if self._sender.failed:
            raise SettingsError(f"Kafka refused {self._sender.failed} messages for good; its log says why")
