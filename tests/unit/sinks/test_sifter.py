from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError

from sinks.writer import MOST_IN_A_ROW, Sifter


class Picky:
    """Takes numbers and refuses a whole insert because of one that it does not like."""

    def __init__(self, *bad: int, code: int = 376) -> None:
        self.bad, self.code, self.kept, self.inserts = set(bad), code, [], 0

    def __call__(self, rows: Sequence[Any]) -> None:
        self.inserts += 1
        if found := self.bad & set(rows):
            raise DatabaseError(f"cannot parse {min(found)}", code=self.code)
        self.kept += rows


def test_only_the_offending_rows_are_left_out() -> None:
    picky = Picky(17, 18, 900)
    sifted = Sifter(picky).sift(range(1000))  # type: ignore[type-var]
    assert [place for place, _ in sifted.failures] == [17, 18, 900]
    assert picky.kept == [row for row in range(1000) if row not in picky.bad]
    assert sifted.stored == 997


def test_one_bad_row_among_many_costs_few_inserts() -> None:
    picky = Picky(12_345)
    Sifter(picky).sift(range(20_000))  # type: ignore[type-var]
    assert picky.inserts <= 2 * 15 + 1


def test_an_error_that_is_not_about_content_is_raised_at_once() -> None:
    picky = Picky(3, code=60)
    with pytest.raises(DatabaseError):
        Sifter(picky).sift(range(10))  # type: ignore[type-var]
    assert picky.inserts == 1


def test_when_nothing_can_be_stored_the_search_ends_early() -> None:
    picky = Picky(*range(20_000))
    sifted = Sifter(picky).sift(range(20_000))  # type: ignore[type-var]
    assert len(sifted.failures) == MOST_IN_A_ROW + 1
    assert picky.inserts < 5 * MOST_IN_A_ROW
