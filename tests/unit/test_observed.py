"""Health checks and metrics over HTTP, as a supervisor or Prometheus sees them."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import urllib.error
import urllib.request

import pytest

from posko import observed
from posko.observed import Watched, serving
from posko.settings import Settings


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def get(port: int, path: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


async def ask(port: int, path: str) -> tuple[int, dict]:
    status, body = await asyncio.to_thread(get, port, path)
    return status, json.loads(body)


async def test_a_process_is_live_before_it_is_ready_and_ready_when_no_check_objects(port):
    with serving("sink", Settings(metrics_port=port)) as seen:
        assert (await ask(port, "/health/live"))[0] == 200
        assert await ask(port, "/health/ready") == (
            503, {"role": "sink", "ok": False, "missing": ["sink is starting"]}
        )  # fmt: skip
        clock = iter(range(100, 200, 10))
        seen._clock = lambda: next(clock)
        missing = ["Kafka at x does not answer"]
        seen.begin(lambda: missing[0] if missing else "", lambda: "")
        assert await ask(port, "/health/ready") == (503, {"role": "sink", "ok": False, "missing": missing})
        assert (await ask(port, "/health/live"))[0] == 200
        missing.clear()
        assert await ask(port, "/health/ready") == (200, {"role": "sink", "ok": True, "missing": []})


async def test_metrics_are_in_prometheus_format_and_other_paths_are_refused(port):
    with serving("sink", Settings(metrics_port=port)):
        status, body = await asyncio.to_thread(get, port, "/metrics")
        assert (status, b"process_resident_memory_bytes" in body) == (200, True)
        assert (await asyncio.to_thread(get, port, "/../etc/passwd"))[0] == 404


async def test_a_port_in_use_costs_the_watching_and_not_the_work(port, capsys):
    with (
        socket.create_server(("127.0.0.1", port)),
        serving("sink", Settings(metrics_port=port)) as seen,
    ):
        assert seen.live() == []
    said = "".join(capsys.readouterr())
    assert str(port) in said
    assert "POSKO_METRICS_PORT" in said


def test_an_event_loop_that_hangs_is_not_live(monkeypatch):
    monkeypatch.setattr(observed, "LIVE_S", 0.01)
    seen, held, release = Watched("stream"), threading.Event(), threading.Event()

    async def hang():
        seen.begin()
        held.set()
        release.wait()  # what no coroutine should do

    thread = threading.Thread(target=lambda: asyncio.run(hang()))
    thread.start()
    held.wait()
    try:
        assert seen.live() == ["The event loop has not turned for 0.01 s"]
    finally:
        release.set()
        thread.join()
    assert seen.live() == ["The event loop has ended"]


async def test_checks_are_asked_once_a_second_however_many_ask():
    asked, clock = [], [0.0]
    seen = Watched("sink", clock=lambda: clock[0])
    seen.begin(lambda: asked.append(1) or "")
    for clock[0] in (0.0, 0.5, 0.9, 1.0, 1.5):
        await asyncio.to_thread(seen.ready)
    assert len(asked) == 2


def test_port_zero_serves_nothing():
    with serving("sink", Settings(metrics_port=0)) as seen:
        assert "observed" not in {thread.name for thread in threading.enumerate()}
        assert seen.ready() == ["sink is starting"]


def test_every_role_has_a_port_of_its_own():
    ports = [Settings().metrics_port_of(role) for role in ("engine", "sink", "supervisor", "stream")]
    assert len(set(ports)) == len(ports)
