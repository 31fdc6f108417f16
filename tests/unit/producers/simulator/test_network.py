from __future__ import annotations

import random
from collections import Counter

from producers.simulator.events import HOUR_MS, Span
from producers.simulator.network import Network, delay
from producers.simulator.world import Village

SPAN = Span(start=4 * HOUR_MS, end=24 * HOUR_MS, midnight=0)


def village(number: int, remote: float) -> Village:
    district = f"16.05.{number:02d}"
    return Village(f"{district}.2001", "Muara Baru", district, "16.05", "16", -3.0, 103.0, 3, remote)


def silences(remote: float) -> int:
    network = Network(1, SPAN)
    times = range(SPAN.start, SPAN.end, HOUR_MS // 4)
    return sum(any(network.silent_until(village(n, remote), at) for at in times) for n in range(99))


def test_remote_kecamatan_fall_silent_and_towns_do_not() -> None:
    assert silences(0.0) == 0
    assert 30 < silences(0.8) < 99


def test_everybody_in_a_silent_kecamatan_is_back_at_the_same_moment() -> None:
    network = Network(1, SPAN)
    ends = Counter(
        end for at in range(SPAN.start, SPAN.end, 60_000) if (end := network.silent_until(village(3, 1.0), at))
    )
    assert 1 <= len(ends) <= 2
    assert all(60 <= minutes <= 280 for minutes in ends.values())


def test_a_silence_is_over_before_the_day_is() -> None:
    network = Network(2, SPAN)
    ends = [network.silent_until(village(n, 1.0), at) for n in range(40) for at in range(SPAN.start, SPAN.end, HOUR_MS)]
    assert max(ends) < SPAN.end


def test_thin_networks_are_slower() -> None:
    rng = random.Random(1)
    near, far = (sum(delay(remote, rng.random) for _ in range(3000)) for remote in (0.0, 1.0))
    assert far > 2 * near
