"""The live view and the summary say what the figures are."""

from __future__ import annotations

import dataclasses
from datetime import datetime

import pytest
from rich.console import Console

from dashboards.terminal import summary, view
from dashboards.terminal.summary import Day

DAY = Day(
    messages=1200, reports=1000, resent=150, rejected=50, stored=1000, incidents=300, lost=0, doubled=0, inconsistent=0,
    unaccounted=0,
    p50=120.0, p99=480.0, precision=0.991, recall=0.873,
)  # fmt: skip


def drawn(renderable: object, width: int = 120) -> str:
    console = Console(width=width, record=True, force_terminal=False, file=open("/dev/null", "w"))  # noqa: SIM115
    console.print(renderable)
    return console.export_text()


def test_the_view_shows_rates_lag_latency_categories_and_the_newest_incidents() -> None:
    figures = view.Figures(
        seconds=12,
        simulated=datetime(2024, 11, 27, 7, 30),
        sent=900,
        share=0.25,
        totals={"reports": 800, "incidents": 90, "open": 90, "resends": 60, "rejected": 12},
        rates=[100.0, 250.0],
        p50=90.4,
        p99=310.2,
        lag={"intake": 3, "correlate": 4},
        categories=[{"category": "logistics", "name": "Logistik", "open": 50, "incidents": 60}],
        newest=[{"severity": 4, "title": "Perahu kandas - TPS 4 Tanjung Baru", "reporters": 3, "institutions": 2}],
    )
    text = drawn(view.render(figures, 120))
    for expected in (
        "27 Nov 07:30",
        "900 messages",
        "250",
        "800",
        "90 ms / 310 ms",
        "Logistik",
        "Perahu kandas",
    ):
        assert expected in text
    lag = next(line for line in text.splitlines() if "90 ms" in line).split()
    assert "7" in lag


def test_a_part_that_does_not_answer_is_named_in_the_view() -> None:
    assert "ClickHouse does not answer" in drawn(
        view.render(view.Figures(trouble="ClickHouse does not answer: OSError"))
    )


@pytest.mark.parametrize(
    ("values", "line"), [([], ""), ([0.0, 0.0], "  "), ([1.0, 2.0, 4.0], "▂▄█")], ids=["none", "nothing", "growing"]
)
def test_a_sparkline_is_as_high_as_its_highest_value(values: list[float], line: str) -> None:
    assert view.sparkline(values) == line


@pytest.mark.parametrize("trouble", ["lost", "doubled", "inconsistent", "unaccounted"])
def test_a_day_with_a_lost_doubled_or_miscounted_report_is_not_sound(trouble: str) -> None:
    assert DAY.sound
    bad = dataclasses.replace(DAY, **{trouble: 1})
    assert not bad.sound
    assert "Nothing was lost" in drawn(summary.render(DAY))
    assert "Nothing was lost" not in drawn(summary.render(bad))


def test_a_day_on_which_nothing_was_stored_is_not_sound() -> None:
    assert not dataclasses.replace(DAY, stored=0).sound


def test_quantiles_are_values_that_were_seen() -> None:
    values = [float(value) for value in range(1, 101)]
    assert (summary.quantile(values, 0.5), summary.quantile(values, 0.99)) == (51.0, 100.0)
    assert summary.quantile([], 0.5) is None
