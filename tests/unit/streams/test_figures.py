from __future__ import annotations

from aiokafka.errors import ProducerFenced

from streams.failure import describe
from streams.figures import Figures


def test_a_quiet_time_says_nothing():
    assert Figures(start=0.0).line(now=60.0) == {}


def test_figures_are_of_the_time_since_the_last_line():
    figures = Figures(start=0.0)
    figures.add(100, work=0.01, commit=0.02)
    figures.line(now=60.0)
    figures.add(50, work=0.005, commit=0.020)
    figures.add(150, work=0.015, commit=0.040)
    assert figures.line(now=80.0) == {
        "reports": 200,
        "batches": 2,
        "largest": 150,
        "per_second": 10.0,
        "work_ms": 10.0,
        "commit_ms": 30.0,
        "slowest_ms": 55.0,
        "us_per_report": 400.0,
    }
    assert figures.line(now=90.0) == {}


def failing(error: Exception) -> Exception:
    try:
        raise error
    except type(error) as raised:
        return raised


def test_an_unexpected_error_is_placed_but_not_quoted():
    fields = describe(failing(ValueError("invalid literal: 'Pak Budi'")))
    assert fields["error"] == "ValueError"
    assert fields["frames"][-1].endswith(" failing")
    assert "Budi" not in str(fields)


def test_kafkas_own_errors_are_quoted():
    assert "newer producer" in describe(failing(ProducerFenced()))["text"]
