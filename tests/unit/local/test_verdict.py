"""The one sentence that `posko status` begins with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from posko.local import status_view, verdict
from posko.local.verdict import Pace

NOW = datetime(2024, 11, 27, 12, 10, tzinfo=UTC)
LATENCY = {"from": "send", "p50_ms": 640, "p99_ms": 1110, "reports": 5000}


def service(name: str, state: str = "running", minutes: float = 60, restarts: int = 0, detail: str = "") -> dict:
    since = (NOW - timedelta(minutes=minutes)).isoformat()
    return {"name": name, "state": state, "since": since, "restarts": restarts, "detail": detail, "pid": 1,
            "port": None, "memory": 1_000_000}  # fmt: skip


def document(*services: dict, lag: dict[str, int] | None = None, **changes) -> dict:
    """A status document; services that are not named run."""
    named = {each["name"]: each for each in services}
    every = [named.get(name, service(name)) for name in ("kafka", "engine", "stream-1", "stream-2", "sink")]
    stages = {"intake": 0, "correlate": 0, "sink.matched": 0, "sink.incidents": 0, **(lag or {})}
    waiting = [{"name": name, "lag": count, "position": 100} for name, count in stages.items()]
    return {"running": True, "phase": "running", "services": every, "lag": waiting, "latency": LATENCY, "problems": [],
            "data": "D", "logs": "D/logs", "pid": 1, "counts": {"reports": 5}, "kafka": "k", "clickhouse": "c",
            "passwords": "p", **changes}  # fmt: skip


@pytest.mark.parametrize(
    ("given", "pace", "level", "said"),
    [
        (document(), {}, "ok",
         "Everything runs: 2 workers, 0 waiting, 640 ms from send to stored (99 % within 1,110 ms)"),
        (document(latency=None), {}, "ok", "Everything runs: 2 workers, 0 waiting, no report in the last minute"),
        (document(latency={**LATENCY, "p50_ms": 9_000}), {}, "warning", "Everything runs, but slowly: "),
        (document(lag={"sink.matched": 12_000}), {"sink.matched": Pace(2_300, 300)}, "warning",
         "The sink is 12,000 reports behind and catching up: about 40 s"),
        (document(lag={"intake": 600_000}), {"intake": Pace(1_000, 100)}, "warning", "about 2 h"),
        (document(lag={"sink.matched": 12_000}), {"sink.matched": Pace(2_300, -50)}, "warning",
         "The sink is 12,000 reports behind and does not catch up: 2,300 a second are done"),
        (document(lag={"correlate": 12_000}), {}, "warning", "Correlate is 12,000 reports behind"),
        (document(lag={"sink.matched": 50}), {"sink.matched": Pace(0, 0)}, "bad",
         "The sink stands still: 50 reports wait and nothing moves, see D/logs/sink.log"),
        (document(lag={"sink.matched": 50}), {"sink.matched": Pace(400, 0)}, "ok",
         "Everything runs: 2 workers, 50 waiting"),
        (document(service("kafka", "restarting", minutes=7, restarts=3)), {}, "bad",
         "Kafka is down since 12:03, restarted 3 times, see D/logs/kafka.log"),
        (document(service("kafka", "restarting", minutes=1440, restarts=1)), {}, "bad",
         "Kafka is down since 26 Nov 12:10, restarted once, "),
        (document(service("engine", "failed"), service("stream-2", "restarting")), {}, "bad",
         "Nor do these run: Stream worker 2"),
        (document(service("sink", "waiting"), service("engine", "restarting", minutes=7)), {}, "bad",
         "The engine is down since 12:03, see D/logs/engine.log. Nor do these run: The sink"),
        (document(service("sink", minutes=0.5, restarts=7)), {}, "warning",
         "The sink was restarted 7 times and is back for 30 s; now everything runs"),
        (document(service("sink", minutes=30, restarts=7)), {}, "ok", "Everything runs"),
        (document(problems=["sink: ClickHouse's disk is full"]), {}, "bad",
         "Every service runs, but sink: ClickHouse's disk is full"),
        (document(service("kafka", detail="does not answer for 20 s")), {}, "bad",
         "Kafka does not answer for 20 s, see D/logs/kafka.log"),
        (document(service("sink", "waiting"), phase="starting"), {}, "warning", "Posko is starting: The sink"),
        (document(running=False), {}, "off", "Posko is not running. Start it with: posko up --data D"),
    ],
)  # fmt: skip
def test_the_verdict_says_what_matters_most(given, pace, level, said):
    found = verdict.of(given, pace, NOW)
    assert (found.level, said in found.text) == (level, True), found.text


def test_paces_come_from_two_looks_and_leave_out_what_one_of_them_does_not_know():
    before = [{"name": "sink", "lag": 100, "position": 10}, {"name": "intake", "lag": None, "position": 0}]
    after = [{"name": "sink", "lag": 40, "position": 110}, {"name": "intake", "lag": 5, "position": 7}]
    assert verdict.paces(before, after, 2.0) == {"sink": Pace(50.0, 30.0)}
    assert verdict.paces([], after, 2.0) == {}


def test_the_page_begins_with_the_verdict_and_takes_what_services_say_literally():
    from rich.console import Console

    given = document(service("sink", "restarting", detail="[red]ended[/nonsense] with status 1"))
    given["verdict"] = {"level": "bad", "text": "The sink is down [since] 12:03"}
    given["pace"] = {"sink.matched": {"done": 2_300.4, "nearer": 5.0}}
    console = Console(width=160, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    console.print(status_view.page(given))
    lines = console.export_text().splitlines()
    assert lines[0] == "The sink is down [since] 12:03"
    assert any("[red]ended[/nonsense]" in line for line in lines)
    assert any(line.split()[:1] == ["sink.matched"] and "2,300" in line for line in lines)
