"""Plays a day: takes its messages one by one, waits until each is due, sends it and notes the truth."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from producers.simulator.events import Span
from producers.simulator.message import Message
from producers.simulator.output import Target, Truth
from producers.simulator.pace import Pace
from producers.simulator.progress import Shown

AHEAD = 0.002  # seconds; a message that is due sooner is sent now
TICK = 0.2  # seconds; the longest sleep, so that progress goes on through quiet hours


class Clock(Protocol):
    """The wall clock, for tests replaced by one that does not wait."""

    def monotonic(self) -> float: ...
    def time(self) -> float: ...
    def sleep(self, seconds: float) -> None: ...


@dataclass(frozen=True, slots=True)
class Played:
    """What was sent, and how long it took in seconds."""

    sent: int
    seconds: float


def play(
    messages: Iterable[Message],
    span: Span,
    target: Target,
    truth: Truth | None,
    pace: Pace,
    progress: Shown,
    limit: int | None = None,
    live: bool = True,
    clock: Clock = time,
) -> Played:
    """Send `messages`, at most `limit` of them, when `pace` says. `live`: the truth gets the wall clock of each
    sending.

    Messages with a null value are left out when not `live`: a file cannot hold them. On any error the truth file is
    closed
    as incomplete and the error goes on.
    """
    due = pace.due(span)
    start = clock.monotonic()
    sent = 0
    complete = False
    try:
        kept = messages if live else (message for message in messages if message.value is not None)
        for message in islice(kept, limit):
            wait = start + due(sent, message.at) - clock.monotonic()
            while wait > AHEAD:
                clock.sleep(min(wait, TICK))
                progress.tick(sent, message.at, clock.monotonic())
                wait = start + due(sent, message.at) - clock.monotonic()
            target.send(message.key, message.value)
            sent += 1
            if truth:
                truth.add(message, int(clock.time() * 1000) if live else None)
            if sent % 64 == 0:
                progress.tick(sent, message.at, clock.monotonic())
        target.close()
        complete = True
    finally:
        if truth:
            truth.close(complete)
        progress.end(sent, clock.monotonic(), complete)
    return Played(sent, clock.monotonic() - start)
