"""Reports of a file through intake and correlate, what became of them, and the command around it."""

from __future__ import annotations

import orjson
import pytest
from typer.testing import CliRunner

from posko import context as contexts
from posko.evaluate import measure, mistakes, run, traps, truth
from posko.evaluate.errors import EvaluationError
from tests.unit.docker.test_compose import application
from tests.unit.evaluate.conftest import uuid

KEMAN, SEPANG = "16.02.12.2003", "16.02.12.2002"


@pytest.fixture(scope="module")
def context() -> contexts.Context:
    return contexts.load("sumsel-2024")


@pytest.fixture
def day(report):
    """Two reports of one event, two of another, one resent, one that is refused."""
    first = report(1, "Kotak suara belum sampai, perahu kandas di muara", f"{KEMAN}/1", "06:00")
    return [
        first,
        report(2, "perahu pembawa kotak suara kandas", f"{KEMAN}/1", "06:04"),
        report(3, "Listrik padam di TPS", f"{SEPANG}/2", "08:00"),
        first,
        report(4, "listrik di tps masih padam", f"{SEPANG}/2", "08:05"),
        report(5, "apa", category="weather"),
    ]


TRUTH = "report_id,event\n" + "".join(f"{uuid(number)},{event}\n" for number, event in enumerate("AABBB", 1))


def test_reports_go_through_intake_and_correlate_in_the_order_of_the_file(files, day, context) -> None:
    folder = files({"day.jsonl": day})
    result = run.run(folder / "day.jsonl", context, {})
    incidents = result.incidents()
    assert list(incidents) == [uuid(number) for number in (1, 2, 3, 4)]
    assert incidents[uuid(1)] == incidents[uuid(2)] != incidents[uuid(3)] == incidents[uuid(4)]
    assert result.resent == 1
    assert [(refused.line, refused.report_id, refused.reason) for refused in result.refused] == [
        (6, uuid(5), "unknown_category")
    ]


def test_a_line_that_is_no_report_is_refused_and_the_others_go_through(files, day, context) -> None:
    folder = files({"day.jsonl": "\n".join(["{", "[]", "7", orjson.dumps(day[0]).decode()])})
    result = run.run(folder / "day.jsonl", context, {})
    assert [refused.reason for refused in result.refused] == ["not_json", "not_an_object", "not_an_object"]
    assert list(result.incidents()) == [uuid(1)]


def test_when_a_report_was_received_comes_from_the_truth_or_five_seconds_later(files, report, context) -> None:
    folder = files({"day.jsonl": [report(1, "satu"), report(2, "dua")]})
    result = run.run(folder / "day.jsonl", context, {uuid(2): 1_732_672_800_000})
    received = [message["received_at"] for message in result.matched.values()]
    assert received == [1_732_665_605_000, 1_732_672_800_000]
    assert result.matched[uuid(2)]["marks"] == ["late"]


def test_a_rejected_report_costs_recall_and_an_absent_one_is_named(files, day, context) -> None:
    folder = files({"day.jsonl": day, "truth.csv": TRUTH + f"{uuid(99)},A\n"})
    known = truth.load(folder / "truth.csv")
    result = run.run(folder / "day.jsonl", context, {})
    found = measure.evaluate(known, result, [])
    assert (found.judged, found.events, found.absent) == (5, 2, [uuid(99)])
    assert found.ours.pairs.precision == 1
    assert found.ours.pairs.recall == pytest.approx(2 / 4)  # A's pair, one of B's three
    assert [one.name.split(",")[0] for one in found.others] == [
        "exact text",
        "fuzzy token set",
        "TF-IDF character n-grams",
    ]


def test_the_worst_mistakes_come_first_with_their_reasons(files, day, context) -> None:
    folder = files({"day.jsonl": day})
    result = run.run(folder / "day.jsonl", context, {})
    # a truth that the run must contradict: 1 and 3 together, 2 and 4 apart from everything
    wrong = {uuid(1): "X", uuid(3): "X", uuid(2): "Y", uuid(4): "Z"}
    found = mistakes.mistakes(wrong, result, 5)
    assert [(one.what, one.event, one.other) for one in found if one.what == "merge"] == [
        ("merge", "Y", "X"),
        ("merge", "Z", "X"),
    ]
    (split,) = [one for one in found if one.what == "split"]
    assert (split.event, split.report["report_id"], split.met["report_id"]) == ("X", uuid(3), uuid(1))
    assert all(one.report["reasons"] for one in found)


def test_evaluations_are_the_same_each_time(files, day, context) -> None:
    folder = files({"day.jsonl": day, "truth.csv": TRUTH})
    known = truth.load(folder / "truth.csv")
    once, again = (run.run(folder / "day.jsonl", context, {}) for _ in range(2))
    listed = traps.unlisted(known, once.matched)
    assert measure.plain(measure.evaluate(known, once, listed), once) == measure.plain(
        measure.evaluate(known, again, listed), again
    )


def test_an_empty_file_is_said_to_be_empty(files, context) -> None:
    with pytest.raises(EvaluationError, match="is empty"):
        run.run(files({"day.jsonl": "\n"}) / "day.jsonl", context, {})


def test_the_command_prints_figures_rejections_and_reasons(files, day) -> None:
    folder = files({"day.jsonl": day, "truth.csv": TRUTH, "traps.csv": "event_a,event_b,why\nA,B,near\n"})
    words = ["evaluate", str(folder / "day.jsonl"), str(folder / "truth.csv"), "--traps", str(folder / "traps.csv")]
    shown = CliRunner().invoke(application(), [*words, "--errors", "3"])
    assert shown.exit_code == 0, shown.output
    assert "5 reports of 2 events in 3 incidents; 1 rejected, 1 sent again" in shown.output
    assert "traps: 0 of 1 wrongly merged (0.0%)" in shown.output
    assert "TF-IDF" in shown.output
    assert f"line 6, {uuid(5)}: unknown_category category" in shown.output


def test_the_command_prints_json_for_programs(files, day) -> None:
    folder = files({"day.jsonl": day, "truth.csv": TRUTH})
    words = ["evaluate", str(folder / "day.jsonl"), str(folder / "truth.csv"), "--json", "--no-baselines"]
    plain = orjson.loads(CliRunner().invoke(application(), words).stdout)
    assert plain["posko"]["pairwise"] == {"precision": 1.0, "recall": 0.5, "f1": 0.6667}
    assert plain["baselines"] == {}
    assert plain["rejected"][0]["reason"] == "unknown_category"
    assert plain["categories"]["logistics"]["events"] == 2
