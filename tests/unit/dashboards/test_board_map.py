"""Bubbles of the board's map."""

from __future__ import annotations

import pytest

from dashboards.board.pages.map_page import LARGEST, SMALLEST, radius


@pytest.mark.parametrize("most", [1, 40, 400, 40_000])
def test_however_much_is_open_bubbles_stay_large_enough_to_tap_and_small_enough_to_see_the_map(most: int) -> None:
    sizes = [radius(count, most) for count in range(1, most + 1, max(1, most // 100))]
    assert sizes == sorted(sizes)
    assert sizes[0] >= SMALLEST
    assert radius(most, most) <= LARGEST


def test_where_nothing_is_open_there_is_no_bubble() -> None:
    assert radius(0, 10) == radius(0, 0) == 0
