"""Our side of the comparison is the worker itself; what is cut from it for a row."""

from __future__ import annotations

from types import SimpleNamespace

import orjson
import pytest

from posko import topics
from streams.app import App, Wired
from streams.names import Names
from streams.turns import Turns
from tests.bench import ours, run
from tests.bench.job import CORRELATE, EXACTLY_ONCE, INTAKE, PARSE, Job
from tests.integration.stream_workers import report
from tests.unit.streams.records import record


def job(row: str) -> Job:
    return Job(row, EXACTLY_ONCE, "k:1", "sumsel-2024", "bench.reports", "bench.enriched", "run7.", 2, 10, "/nowhere")


async def test_the_first_row_parses_every_report_and_writes_nothing() -> None:
    parsed: list[bytes] = []
    step = ours.OnlyParsed(lambda *_: {}, Names(), 2, 2, Turns())
    step.parse = lambda raw: parsed.append(raw)  # type: ignore[method-assign, assignment]
    records = [record(orjson.dumps(report(number)), offset=number) for number in range(5)]
    outputs = await step.outputs(records)
    assert parsed == [one.value for one in records]
    assert len(outputs) == 0


@pytest.mark.parametrize(
    ("row", "name", "topic"),
    [
        (INTAKE, topics.REPORTS, "bench.reports"),
        (INTAKE, topics.ENRICHED, "run7.reports.enriched"),
        (CORRELATE, topics.ENRICHED, "bench.enriched"),
        (CORRELATE, topics.MATCHED, "run7.reports.matched"),
    ],
)
def test_what_is_read_is_shared_and_what_is_written_belongs_to_the_run(row: str, name: str, topic: str) -> None:
    assert ours.Shared("run7.", job(row)).topic(name) == topic


def test_a_row_of_one_stage_reads_for_that_stage_only() -> None:
    channels = [SimpleNamespace(stage=SimpleNamespace(name=name)) for name in ("intake", "correlate")]
    whole = lambda *_: Wired(SimpleNamespace(), channels)  # type: ignore[arg-type] # noqa: E731
    assert ours.cut(whole, {"correlate"})().channels == channels[1:]


def test_the_job_survives_the_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["ours", job(PARSE).argument()])
    assert Job.given() == job(PARSE)


@pytest.mark.parametrize(
    ("row", "group"), [(PARSE, "run7.posko-intake"), (INTAKE, "run7.posko-intake"), (CORRELATE, "run7.posko-correlate")]
)
def test_how_far_the_worker_is_is_read_from_its_own_group(row: str, group: str) -> None:
    assert run.group_of("ours", job(row)) == group


def test_the_app_that_is_measured_is_the_one_that_runs() -> None:
    assert ours.app.App is App
