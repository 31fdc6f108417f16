"""Thin networks: remote kecamatan fall silent for hours, then everything arrives at once; anywhere a message may
take a while."""

from __future__ import annotations

import hashlib
import math

from producers.simulator.events import HOUR_MS, Span
from producers.simulator.grammar import Random
from producers.simulator.world import Village

OUTAGES = 2  # a day at most in one kecamatan
SHORTEST_HOURS, LONGEST_HOURS = 1.0, 4.5


class Network:
    """Whether a kecamatan has signal; decided by the seed alone, so every phone there meets the same silence."""

    def __init__(self, seed: int, span: Span) -> None:
        self._seed, self._span = seed, span
        self._silences: dict[str, tuple[tuple[int, int], ...]] = {}

    def silent_until(self, village: Village, at: int) -> int:
        """When the signal is back, if there is none at `at`; 0 when there is signal. Times in ms."""
        silences = self._silences.get(village.district)
        if silences is None:
            silences = self._silences[village.district] = self._drawn(village)
        for start, end in silences:
            if start <= at < end:
                return end
        return 0

    def _drawn(self, village: Village) -> tuple[tuple[int, int], ...]:
        digest = hashlib.blake2b(f"{self._seed}:{village.district}".encode(), digest_size=3 * OUTAGES).digest()
        length = self._span.end - self._span.start
        found = []
        for chance, begin, lasts in zip(*[iter(value / 256 for value in digest)] * 3, strict=True):
            if chance < village.remote * 0.7:
                start = self._span.start + int(begin * length)
                hours = SHORTEST_HOURS + lasts * (LONGEST_HOURS - SHORTEST_HOURS)
                found.append((start, min(self._span.end - HOUR_MS // 4, start + int(hours * HOUR_MS))))
        return tuple(found)


def delay(remote: float, random: Random) -> int:
    """Milliseconds a message needs with signal: seconds in town; now and then minutes, more often where it is thin."""
    slow = random() < 0.04 + 0.15 * remote
    return 300 + int(-math.log(1 - random()) * (240_000 if slow else 2_500))


def hesitation(random: Random) -> int:
    """Milliseconds from seeing something to sending it: half within seven minutes, a tenth after half an hour."""
    gauss = math.sqrt(-2 * math.log(1 - random())) * math.cos(2 * math.pi * random())
    return min(6 * HOUR_MS, int(420_000 * math.exp(1.1 * gauss)))
