"""Values, graphs and maps of the page without Grafana."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from dashboards.drawing import atlas, charts, values
from dashboards.grafana.asking import Answer
from dashboards.grafana.model import MILLISECONDS, MINUTES, MOMENT, PERCENT, RED, SEVERITY, Column, Kind, Panel

WIB = ZoneInfo("Asia/Jakarta")


@pytest.mark.parametrize(
    ("value", "column", "text"),
    [
        (1234567, Column("x", "X", "short"), "1.234.567"),
        (12.5, Column("x", "X", PERCENT), "12,5 %"),
        (-605, Column("x", "X", MINUTES), "lewat 10 jam 5 mnt"),
        (1500, Column("x", "X", MILLISECONDS), "1,5 s"),
        (5, Column("x", "X", "short", SEVERITY, {"5": "5 Darurat"}), "5 Darurat"),
        (None, Column("x", "X"), "–"),
        (datetime(2024, 11, 27, 0, 30), Column("x", "X", MOMENT), "27/11 07:30"),
    ],
    ids=["thousands", "percent", "minutes", "seconds", "words", "nothing", "UTC shown as WIB"],
)
def test_values_are_written_as_people_here_write_them(value: object, column: Column, text: str) -> None:
    assert values.text(value, column, WIB) == text


def test_a_colour_is_that_of_the_highest_step_reached() -> None:
    assert values.colour(4, SEVERITY) == RED
    assert values.colour("kpu", SEVERITY) == ""


def test_a_stacked_graph_ends_at_the_sum() -> None:
    panel = Panel(
        Kind.SERIES, "reports_by_category", "", (Column("a", "A", "short"), Column("b", "B", "short")), 12, 8,
        stacked=True,
    )  # fmt: skip
    moments = [datetime(2024, 11, 27, hour, tzinfo=UTC) for hour in (1, 2)]
    answer = Answer(
        ("time", "a", "b"), ("time", "number", "number"), list(zip(moments, (1, 3), (1, 5), strict=True)), 1
    )
    drawn = str(charts.series(panel, answer, WIB))
    assert ">8<" in drawn  # the axis reaches 3 + 5
    assert "08:00" in drawn
    assert "09:00" in drawn


def test_the_map_colours_every_kecamatan_and_names_the_worst() -> None:
    columns = ("code", "name", "lat", "lng", "open", "critical", "worst")
    answer = Answer(columns, ("text",) * 7, [("16.71.01", "Ilir Barat II", -2.99, 104.75, 7, 2, 5)], 1)
    drawn = str(atlas.draw(answer, "16"))
    assert drawn.count('class="district"') == 241
    assert drawn.count('class="regency"') == 17
    assert "Ilir Barat II: 7 terbuka, 2 kritis" in drawn
