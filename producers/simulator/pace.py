"""When a simulated moment is sent: real time, a factor faster, the whole day in so many seconds, a constant rate, or
at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from producers.simulator.events import Span

# (number of the message, its simulated time in ms) -> seconds after the start at which it is due
Due = Callable[[int, int], float]


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast the day is played; at most one of the three is set, none means as fast as possible."""

    speed: float = 0.0  # 1 is real time
    duration: float = 0.0  # seconds for the whole day
    rate: float = 0.0  # messages a second, whatever the simulated time

    def due(self, span: Span) -> Due:
        """The function that says when each message of this span is due."""
        if self.rate > 0:
            rate = self.rate
            return lambda number, at: number / rate
        speed = (span.end - span.start) / 1000 / self.duration if self.duration > 0 else self.speed
        if speed > 0:
            start = span.start
            return lambda number, at: (at - start) / 1000 / speed
        return lambda number, at: 0.0
