"""What is struck when: the same seed and numbers give the same plan."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

KILL, PAUSE = "kill", "pause"
SUPERVISOR, KAFKA = "supervisor", "kafka"
RESTARTING = "supervisor.restarting"
IN_TRANSACTION = "streams.outputs_sent"
# Between two steps, see `posko.crash`: what a process has done when it gets there is in the name.
POINTS = (
    IN_TRANSACTION,
    "streams.offsets_sent",
    "streams.committed",
    "sink.ids_claimed",
    "sink.rows_written",
    "sink.settled",
    "sink.consumed",
    RESTARTING,
)
PAUSE_S = (5.0, 30.0)
IN_TRANSACTION_S = 20.0
FIRST, LAST = 0.02, 0.9  # of all messages, between which strikes begin
CLOSE = 0.3  # share of strikes that follow the one before at once, whatever that has left behind
CLOSE_S, APART_S = (0.2, 5.0), (2.0, 10.0)


@dataclass(frozen=True)
class Strike:
    """One blow. It begins when Kafka has acknowledged `at` messages, `delay` seconds after the one before at the least.

    With a `point`, it hits whichever process is the first to get there: that process dies, or for a pause has the
    targets paused. Targets of a kill with a point are killed at once, so that the point is reached. `seconds`: of a
    pause.
    """

    number: int
    at: int
    delay: float
    action: str
    targets: tuple[str, ...]
    point: str = ""
    seconds: float = 0.0

    def __str__(self) -> str:
        what = " and ".join(self.targets)
        if self.action == PAUSE:
            where = f", when a process is at {self.point}" if self.point else ""
            return f"pause {what} for {self.seconds:.0f} s{where}"
        if self.point:
            return f"kill whoever is at {self.point}" + (f" (and {what}, so that it is reached)" if what else "")
        return f"kill {what}"


def make(seed: int, reports: int, kills: int, pauses: int, workers: int) -> list[Strike]:
    """`kills` and `pauses` spread over `reports` messages, in the order in which they begin."""
    rng = random.Random(f"chaos {seed}")
    services = [KAFKA, "engine", "sink", *(f"stream-{number}" for number in range(1, workers + 1))]
    killing, pausing = _kills(rng, services), _pauses(rng, services)
    blows = [next(killing) for _ in range(kills)] + [next(pausing) for _ in range(pauses)]
    rng.shuffle(blows)
    share, at = (LAST - FIRST) / max(1, len(blows)), 0
    found: list[Strike] = []
    for number, (action, targets, point, seconds) in enumerate(blows):
        close = number > 0 and rng.random() < CLOSE
        at = at if close else int(reports * (FIRST + share * (number + rng.random())))
        delay = round(rng.uniform(*(CLOSE_S if close else APART_S)) if number else 0.0, 2)
        found.append(Strike(number + 1, at, delay, action, targets, point, seconds))
    return found


Blow = tuple[str, tuple[str, ...], str, float]


def _kills(rng: random.Random, services: list[str]) -> Iterator[Blow]:
    """Of five kills three are at any moment and two at a point in the code, as long as one likes."""
    workers = tuple(name for name in services if name.startswith("stream-"))
    single = [(name,) for name in services]
    moments = _decks(rng, single, [(SUPERVISOR,), workers])
    points = _decks(rng, list(POINTS))
    for number in count():
        if number % 5 < 3:
            yield KILL, next(moments), "", 0.0
            continue
        point = next(points)
        yield KILL, (rng.choice(services),) if point == RESTARTING else (), point, 0.0


def _pauses(rng: random.Random, services: list[str]) -> Iterator[Blow]:
    for name in _decks(rng, [IN_TRANSACTION], services):
        if name == IN_TRANSACTION:
            yield PAUSE, (KAFKA,), IN_TRANSACTION, IN_TRANSACTION_S
        else:
            yield PAUSE, (name,), "", round(rng.uniform(*PAUSE_S), 1)


def _decks(rng: random.Random, *decks: list) -> Iterator:
    """The decks one after the other, each shuffled, over and over: everything once before anything twice."""
    while True:
        for deck in decks:
            yield from rng.sample(deck, len(deck))
