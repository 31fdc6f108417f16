"""TPS are shared out without losing or inventing one, and their numbers are read as people write them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posko.regions import tps, tps_number, tps_numbers

WEIGHTS = st.lists(st.integers(0, 50), min_size=1, max_size=200)


@given(st.integers(0, 100_000), WEIGHTS)
def test_the_shares_add_up_to_the_total(total: int, weights: list[int]) -> None:
    assert sum(tps.share(total, weights)) == total


@given(st.integers(0, 100_000), WEIGHTS)
def test_every_kelurahan_has_one_when_there_are_enough(total: int, weights: list[int]) -> None:
    shares = tps.share(total, weights)
    assert min(shares) >= (1 if total >= len(weights) else 0)
    assert total >= len(weights) or max(shares) <= 1


@given(st.integers(0, 100_000), WEIGHTS)
def test_more_weight_never_gets_less(total: int, weights: list[int]) -> None:
    ranked = sorted(zip(weights, tps.share(total, weights), strict=True))
    assert all(first[1] <= second[1] for first, second in pairwise(ranked) if first[0] < second[0])


def test_the_largest_remainder_decides_and_the_earlier_wins_a_tie() -> None:
    assert tps.share(10, [1, 1, 1]) == [4, 3, 3]
    assert tps.share(9, [1, 3]) == [3, 6]  # one each, 7 left: 1.75 and 5.25


def test_a_total_without_anyone_to_have_it_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot share 5"):
        tps.share(5, [])


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("lgstk blm tiba tps 4 ds tj baru", 4),
        ("TPS 004", 4),
        ("di TPS no. 12 ribut", 12),
        ("tps nomor 03, sekali lagi tps 3", 3),
        ("TPS-7", 7),
        ("tps4", 4),
        ("tps tujuh", 7),
        ("tps dua belas", 12),
        ("TPS IV", 4),
        ("tps 7 35 ilir", 7),
    ],
)
def test_a_tps_number_is_read(text: str, number: int) -> None:
    assert tps_number(text) == number


@pytest.mark.parametrize(
    "text",
    ["", "tps", "di tps ramai", "tps 35 ilir", "tps tiga puluh lima ilir", "tps 0", "TPS 1234", "kotak 4", "https 4"],
)
def test_what_is_no_tps_number_is_not_taken_for_one(text: str) -> None:
    assert tps_numbers(text) == []


def test_several_numbers_are_listed_but_none_is_the_one() -> None:
    assert tps_numbers("TPS 4 dan 5, juga tps 9") == [4, 5, 9]
    assert tps_number("TPS 4 dan 5") is None
