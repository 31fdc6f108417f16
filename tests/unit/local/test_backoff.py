"""A service that keeps ending is started ever more rarely, and never given up."""

from __future__ import annotations

from posko.local.backoff import Backoff


def test_waits_double_up_to_the_most_and_never_end() -> None:
    backoff = Backoff(first=0.5, most=30, healthy=60, jitter=lambda: 0.0)
    assert [backoff.after(ran=0.1) for _ in range(9)] == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]


def test_a_healthy_run_starts_over() -> None:
    backoff = Backoff(first=0.5, most=30, healthy=60, jitter=lambda: 0.0)
    for _ in range(5):
        backoff.after(ran=59.9)
    assert [backoff.after(ran=60), backoff.after(ran=1)] == [0.5, 1]


def test_jitter_takes_up_to_half_away() -> None:
    assert Backoff(first=4, jitter=lambda: 1.0).after(0) == 2
    assert Backoff(first=4, jitter=lambda: 0.5).after(0) == 3
