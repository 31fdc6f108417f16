"""Ratios and figures of the comparison."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from tests.bench import table
from tests.bench.table import OURS, Figure


def figure(side: str, *seconds: float, row: str = "intake", reports: int = 1000) -> Figure:
    return Figure(row, side, "exactly-once", reports, list(seconds), [one / 2 for one in seconds])


def test_the_ratio_compares_repetitions_that_ran_next_to_each_other() -> None:
    # The machine was slow in the second repetition, for both alike.
    assert table.ratio(figure(OURS, 1.0, 5.0, 1.0), figure("peer", 2.0, 10.0, 2.0)) == 2.0


def test_the_ratio_is_the_median_so_that_one_outlier_does_not_decide() -> None:
    assert table.ratio(figure(OURS, 1.0, 1.0, 1.0), figure("peer", 1.5, 1.5, 90.0)) == 1.5


def test_a_side_that_failed_has_no_ratio() -> None:
    assert table.ratio(figure(OURS, 1.0), figure("peer")) is None


def test_each_row_is_compared_with_our_figure_of_the_same_row() -> None:
    figures = [figure(OURS, 1.0), figure("peer", 2.0), figure(OURS, 4.0, row="parse"), figure("peer", 2.0, row="parse")]
    assert [found for _, found in table.ratios(figures)] == [1.0, 2.0, 1.0, 0.5]


def test_without_our_side_there_are_figures_but_no_ratios() -> None:
    assert table.ratios([figure("peer", 2.0)])[0][1] is None


@pytest.mark.parametrize(("seconds", "rate"), [((2.0,), 500.0), ((1.0, 2.0, 4.0), 500.0), ((), 0.0)])
def test_the_rate_is_reports_by_the_median_time(seconds: tuple[float, ...], rate: float) -> None:
    assert figure("peer", *seconds).rate == rate


def test_the_cost_is_processor_time_a_report_in_microseconds() -> None:
    assert figure("peer", 2.0, 4.0, 6.0, reports=1000).cost == 2000.0


def test_the_spread_is_half_the_range_of_the_median() -> None:
    assert figure("peer", 1.0, 2.0, 3.0).spread == 0.5


def test_programs_get_every_repetition_and_the_machine() -> None:
    found = table.as_json([figure(OURS, 1.0), figure("peer", 2.0, 4.0)], {"cores": 2})
    assert found["machine"] == {"cores": 2}
    assert found["rows"][1]["seconds"] == [2.0, 4.0]
    assert found["rows"][1]["ratio"] == 2.0
    assert found["rows"][1]["reports_per_second"] == 333


def test_people_see_titles_rates_ratios_and_what_failed() -> None:
    failed = Figure("intake", "other", "at-least-once", 1000, failed="it fell over")
    shown = StringIO()
    Console(file=shown, width=120).print(
        table.shown([figure(OURS, 1.0), figure("peer", 2.0), failed], {"intake": "full intake"})
    )
    text = shown.getvalue()
    assert "full intake" in text
    assert "2.00 x" in text
    assert "failed" in text
