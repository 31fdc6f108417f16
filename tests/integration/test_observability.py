"""Every process can be watched, and how long reports take is known, with everything real."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import psutil
import pytest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from dashboards.terminal.watch import Watch
from posko.local import services
from sinks import clickhouse, queries
from sinks.passages import HOPS

from .conftest import Instance, free_ports, posko

Up = Callable[..., AbstractContextManager[Instance]]
REPORTS = 600
TOLD = set(re.findall(r"^\| `(posko_\w+)`", (Path(__file__).parents[2] / "docs/metrics.md").read_text(), re.MULTILINE))


@pytest.fixture(scope="module")
def instance(posko_up: Up, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """An instance with two workers that has stored some reports."""
    data = tmp_path_factory.mktemp("observed") / "instance"
    with posko_up(data, free_ports(), "--workers", "2") as running:
        posko("simulate", "--reports", str(REPORTS), "--rate", "300", "--seed", "7", "--data", str(data))
        posko("drain", "--data", str(data))
        yield running


def health(instance: Instance, name: str, what: str) -> tuple[int, list[str]]:
    port = services.observed(instance.settings)[name]
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/{what}", timeout=15) as answer:
            return answer.status, json.load(answer)["missing"]
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)["missing"]


def scrape(instance: Instance, name: str) -> dict[str, Metric]:
    port = services.observed(instance.settings)[name]
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=15) as answer:
        return {family.name: family for family in text_string_to_metric_families(answer.read().decode())}


def total(instance: Instance, names: list[str], metric: str, **labels: str) -> float:
    """The metric's samples with those labels, of all these processes together."""
    samples = [sample for name in names for family in scrape(instance, name).values() for sample in family.samples]
    return sum(s.value for s in samples if s.name == metric and labels.items() <= s.labels.items())


def test_each_hop_of_each_report_is_in_the_table_and_the_whole_is_not_shorter_than_a_part(instance: Instance) -> None:
    client = clickhouse.connect(instance.settings)
    asked = queries.load("latency")

    def answered() -> dict[str, dict]:
        rows = client.query(asked.sql, parameters={**asked.params, "minutes": 60}).named_results()
        return {row["hop"]: row for row in rows}

    accepted = client.query("SELECT (SELECT count() FROM posko.reports) + (SELECT count() FROM posko.resends)")
    count = accepted.result_rows[0][0]
    assert 0 < count <= REPORTS
    instance.until(lambda: answered().get("total", {"reports": 0})["reports"] == count)
    hops = answered()
    assert list(hops) == list(HOPS)
    assert {row["reports"] for row in hops.values()} == {count}
    for row in hops.values():
        assert 0 <= row["p50_ms"] <= row["p95_ms"] <= row["p99_ms"] <= row["max_ms"] <= 86_400_000
        assert all(hops["total"][name] >= row[name] for name in ("p50_ms", "p95_ms", "p99_ms", "max_ms"))
    rejected = client.query("SELECT hop, sum(reports) FROM posko.pipeline WHERE outcome = 'rejected' GROUP BY hop")
    assert dict(rejected.result_rows)["total"] == client.query("SELECT count() FROM posko.rejected").result_rows[0][0]


def test_the_saved_question_and_the_status_tell_the_latency(instance: Instance) -> None:
    said = posko("query", "latency", "--param", "minutes=60", "--format", "TSV", "--data", str(instance.data)).stdout
    assert [line.split("\t")[0] for line in said.splitlines()] == list(HOPS)
    status = posko("status", "--data", str(instance.data)).stdout
    assert status.startswith(("Everything runs: 2 workers, 0 waiting", "Everything runs, but slowly"))


def test_the_live_view_of_the_demo_gathers_its_figures(instance: Instance) -> None:
    with Watch(instance.settings) as watch:
        instance.until(lambda: watch.figures.seconds > 0)
        figures = watch.figures
    assert figures.trouble == ""
    assert figures.totals["reports"] > 0
    assert figures.totals["incidents"] >= len(figures.newest) > 0
    assert sum(row["incidents"] for row in figures.categories) == figures.totals["incidents"]
    assert sum(figures.lag.values()) == 0


@pytest.mark.parametrize("name", ["stream-1", "stream-2", "sink", "engine", "supervisor"])
def test_every_process_is_live_and_ready_and_exports_only_what_is_documented(instance: Instance, name: str) -> None:
    assert health(instance, name, "live") == (200, [])
    assert health(instance, name, "ready") == (200, [])
    found = scrape(instance, name)
    assert found["process_resident_memory_bytes"].samples[0].value > 10_000_000
    ours = {f"{family.name}_total" if family.type == "counter" else family.name for family in found.values()}
    ours = {metric for metric in ours if metric.startswith("posko_")}
    assert ours
    assert ours <= TOLD


def test_counters_agree_with_what_was_sent_and_stored(instance: Instance) -> None:
    workers = ["stream-1", "stream-2"]
    client = clickhouse.connect(instance.settings)
    rejected = client.query("SELECT count() FROM posko.rejected").result_rows[0][0]
    sent = total(instance, workers, "posko_stream_reports_total", stage="intake")
    assert sent >= REPORTS * 0.9
    assert total(instance, workers, "posko_stream_batch_reports_sum", stage="intake") == sent
    assert total(instance, workers, "posko_rejected_total") == rejected
    stored = total(instance, ["sink"], "posko_sink_messages_total", topic="reports.matched")
    assert stored == sent - rejected <= total(instance, workers, "posko_stream_reports_total", stage="correlate")
    assert total(instance, workers, "posko_stream_lag") == 0
    assert total(instance, ["sink"], "posko_sink_lag") == 0
    assert total(instance, ["supervisor"], "posko_service_up") == len(instance.status()["services"])
    assert total(instance, ["engine"], "posko_engine_request_seconds_count", lane="inserts") > 0


def test_ready_is_false_while_kafka_is_stopped_and_true_again_and_live_all_the_time(instance: Instance) -> None:
    kafka = instance.service("kafka")
    assert kafka.pid
    os.kill(kafka.pid, signal.SIGSTOP)
    try:
        for name in ("stream-1", "sink"):
            instance.until(lambda name=name: health(instance, name, "ready")[0] == 503)
            assert any("Kafka" in text for text in health(instance, name, "ready")[1])
            assert health(instance, name, "live") == (200, [])
    finally:
        with contextlib.suppress(psutil.NoSuchProcess):  # on a slow machine it was taken for hung and killed
            psutil.Process(kafka.pid).send_signal(signal.SIGCONT)
    for name in ("stream-1", "sink"):
        instance.until(lambda name=name: health(instance, name, "ready") == (200, []))
