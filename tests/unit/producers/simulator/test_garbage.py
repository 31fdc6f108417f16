from __future__ import annotations

import random
from collections import Counter

import orjson
import pytest

from posko.context import Context
from posko.intake import Intake
from posko.report import Invalid
from producers.simulator import garbage
from producers.simulator.message import Message


@pytest.fixture(scope="module")
def good(messages: list[Message]) -> list[tuple[garbage.Report, int]]:
    """Well-formed reports, and when each was sent (ms)."""
    firsts = [message for message in messages if message.message == "first"]
    return [(orjson.loads(message.value or b""), message.at) for message in firsts[:60]]


@pytest.mark.parametrize("spoil", [*garbage.COMMON, garbage.huge], ids=lambda spoil: spoil.__name__)
def test_each_class_of_garbage_is_rejected_for_the_reason_it_names(
    sijunjung: Context, good: list[tuple[garbage.Report, int]], spoil: garbage.Spoil
) -> None:
    intake, rng = Intake(*sijunjung), random.Random(3)
    for report, at in good[: 5 if spoil is garbage.huge else None]:
        raw, reason = spoil(report, rng)
        with pytest.raises(Invalid) as refused:
            intake.enrich(raw, at, 0, 0)
        assert refused.value.reason == reason


def test_garbage_fits_on_a_line_of_a_file(good: list[tuple[garbage.Report, int]]) -> None:
    rng = random.Random(4)
    for report, _ in good * 5:
        raw, _, how = garbage.spoil({**report, "text": "dua\nbaris"}, rng)
        assert b"\n" not in (raw or b""), how


def test_all_classes_come_about_equally_often(good: list[tuple[garbage.Report, int]]) -> None:
    rng = random.Random(5)
    counted = Counter(garbage.spoil(good[0][0], rng)[2] for _ in range(1500))
    assert counted.keys() == {spoil.__name__ for spoil in (*garbage.COMMON, garbage.huge)}
    assert counted.pop("huge") < min(counted.values())
    assert max(counted.values()) < 2 * min(counted.values())
