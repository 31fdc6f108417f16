"""Which messages of one person make one report, and when it goes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from posko import context
from posko.context import Context
from producers.sms.joining import CATEGORY_MS, PLACE_MS, Step, Unit, steps

QUIET = 20_000
AT = 1_732_665_900_000


@pytest.fixture(scope="module")
def known() -> Context:
    return context.load("sumsel-2024")


def text(number: int, written: str, second: int = 0) -> Unit:
    return Unit(f"m{number}", AT, AT + second * 1000, written)


def done(known: Context, units: list[Unit], second: float = 0, quiet: int = 0) -> list[Step]:
    return steps(units, known, SimpleNamespace(area=""), AT + int(second * 1000), quiet)


def test_a_whole_report_goes_at_once_or_when_nothing_more_has_come(known: Context) -> None:
    whole = [text(1, "LOG 4 35 ilir prahu kandas")]
    [step] = done(known, whole)
    assert (step.action, step.report["tps"]) == ("send", "16.71.01.1001/004")
    assert [done(known, whole, second, QUIET)[0].action for second in (0, 19, 20)] == ["wait", "wait", "send"]


def test_the_answer_to_a_question_completes_the_report(known: Context) -> None:
    place = [text(1, "LOG prahu kandas"), text(2, "tps 4 35 ilir")]
    [step] = done(known, place)
    assert (step.action, step.report["tps"], step.report["category"]) == ("send", "16.71.01.1001/004", "logistics")
    category = [text(1, "di tps 4 35 ilir ada masalah pak"), text(2, "KAM")]
    [step] = done(known, category)
    assert (step.action, step.report["category"]) == ("send", "security")
    assert step.report["text"] == "di tps 4 35 ilir ada masalah pak"
    assert step.report["report_id"] == done(known, category[:1])[0].report["report_id"]


def test_a_place_is_waited_for_some_minutes_and_a_category_longer(known: Context) -> None:
    for written, wait_ms, action in (
        ("LOG prahu kandas", PLACE_MS, "send"),
        ("halo pak di 35 ilir", CATEGORY_MS, "drop"),
    ):
        for second, expected in ((0, "wait"), (wait_ms / 1000 - 1, "wait"), (wait_ms / 1000, action)):
            [step] = done(known, [text(1, written)], second)
            assert step.action == expected
            assert step.ask == (expected == "wait")


def test_nothing_is_asked_while_more_may_come(known: Context) -> None:
    [step] = done(known, [text(1, "LOG prahu kandas")], 5, QUIET)
    assert (step.action, step.ask, step.due) == ("wait", False, AT + QUIET)


def test_another_whole_report_is_one_of_its_own(known: Context) -> None:
    two = done(known, [text(1, "LOG prahu kandas"), text(2, "KAM 3 kenten ada ribut")])
    assert [(step.action, step.report["category"], step.report["text"]) for step in two] == [
        ("send", "logistics", "prahu kandas"),
        ("send", "security", "ada ribut"),
    ]


def test_a_position_is_a_place_and_pictures_belong_to_their_text(known: Context) -> None:
    file: dict[str, Any] = {"media": "9"}
    units = [
        text(1, "LOG prahu kandas"),
        Unit("m2", AT, AT, lat=-2.99, lng=104.75),
        Unit("m3", AT, AT, attachment=file),
    ]
    [step] = done(known, units, 20, QUIET)
    assert (step.action, step.report["lat"], step.report["attachments"]) == ("send", -2.99, [file])
    assert step.draft.missing == []


def test_a_picture_without_words_is_not_a_report(known: Context) -> None:
    [step] = done(known, [Unit("m1", AT, AT, attachment={"media": "9"})], 600)
    assert (step.action, step.ask) == ("wait", False)
