"""`posko bench gateway`: accepted reports a second with the broker on the same machine, how long they wait at half of
that, and what the gateway costs beside a bare application that only produces to Kafka."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil
import uvloop

from posko import kafka_admin, topics
from posko.settings import PORTS
from producers.officers import Officer, Officers
from tests import processes
from tests.bench.gateway_load import Seen, load

PHONES = 100  # connections at once
PARTITIONS = 2
TARGET_RATE, TARGET_P99_MS = 2000, 250


@dataclass(frozen=True)
class Measured:
    """Reports a second; milliseconds at half of that; the same of the bare application; processor seconds a report."""

    rate: float
    p50_ms: float
    p99_ms: float
    half: float
    bare_rate: float
    cpu_us: float

    @property
    def holds(self) -> bool:
        return self.rate >= TARGET_RATE and self.p99_ms < TARGET_P99_MS


def measure(reports: int, port_base: int, say: Callable[[str], None]) -> Measured:
    """Run it in a temporary folder. Raises processes.NotStarted."""
    with tempfile.TemporaryDirectory(prefix="posko-bench-") as name:
        folder = Path(name)
        base = processes.free_ports(port_base)
        with processes.broker(folder / "kafka", base) as address:
            kafka_admin.ensure_topics(address, PARTITIONS)
            kafka_admin.ensure_topics(address, PARTITIONS, wanted=[topics.Topic("bare")])
            bare = _bare(folder, address, base, reports, say)
            return _gateway(folder, address, base, reports, bare, say)


def _bare(folder: Path, address: str, base: int, reports: int, say: Callable[[str], None]) -> Seen:
    port = base + PORTS["board"]
    command = [sys.executable, "-m", "tests.bench.gateway_bare", address, str(port)]
    log = folder / "bare.log"
    with processes.process(command, log) as running:
        processes.wait_until(lambda: _answers(f"http://127.0.0.1:{port}/"), running, log)
        _run(load(port, PHONES, _requests([""], 0), reports // 4))
        seen = _run(load(port, PHONES, _requests([""], 1), reports))
    say(f"bare application: {seen.rate:,.0f} reports/s")
    return seen


def _gateway(folder: Path, address: str, base: int, reports: int, bare: Seen, say: Callable[[str], None]) -> Measured:
    data = folder / "data"
    data.mkdir(mode=0o700)
    tokens = _enrolled(data)
    port = base + PORTS["gateway"]
    env = {"POSKO_KAFKA": address, "POSKO_READY_FILE": str(folder / "ready"), "POSKO_GATEWAY_OFFICER_RATE": "1000000"}
    command = [sys.executable, "-m", "posko", "gateway", "--data", str(data), "--port-base", str(base)]
    log = folder / "gateway.log"
    with processes.process(command, log, {**os.environ, **env}) as running:
        processes.wait_until((folder / "ready").exists, running, log)
        _run(load(port, PHONES, _requests(tokens, 2), reports // 4))
        before = sum(psutil.Process(running.pid).cpu_times()[:2])
        full = _run(load(port, PHONES, _requests(tokens, 3), reports))
        cpu = sum(psutil.Process(running.pid).cpu_times()[:2]) - before
        _check(full)
        say(f"gateway: {full.rate:,.0f} reports/s, {1e6 * cpu / reports:.0f} us of processor a report")
        half = full.rate / 2
        seen = _run(load(port, PHONES, _requests(tokens, 4), int(half * 10), half))
        _check(seen)
    return Measured(
        full.rate, 1000 * seen.percentile(0.5), 1000 * seen.percentile(0.99), half, bare.rate, 1e6 * cpu / reports
    )


def _enrolled(data: Path) -> list[str]:
    officers = Officers(data / "officers.sqlite3")
    now = int(time.time() * 1000)
    people = [Officer(f"kpps-{number}", f"Petugas {number}", "", "kpps", "kpu", "16.71") for number in range(PHONES)]
    officers.put_all(people, now)
    tokens = [officers.make_token(one.id, now) for one in people]
    officers.close()
    return tokens


def _requests(tokens: list[str], run: int) -> Callable[[int], bytes]:
    def made(number: int) -> bytes:
        report = {
            "report_id": f"{run:08x}-0000-4000-8000-{number:012x}",
            "category": "logistics",
            "kind": "late",
            "text": f"logistik belum tiba di tps {number % 30}, perahu kandas sejak subuh, warga menunggu {number}",
            "reported_at": "2024-11-27T06:10:00+07:00",
            "tps": f"16.71.01.1001/{number % 30 + 1:03d}",
            "lat": -2.99,
            "lng": 104.75,
            "severity": 3,
        }
        body = json.dumps(report).encode()
        head = (
            "POST /api/v1/reports HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"Authorization: Bearer {tokens[number % len(tokens)]}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    return made


def _run(loading: object) -> Seen:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(loading)  # type: ignore[arg-type]


def _check(seen: Seen) -> None:
    if set(seen.statuses) != {202}:
        raise processes.NotStarted(f"The gateway did not accept everything: {seen.statuses}")


def _answers(url: str) -> bool:
    try:
        request = urllib.request.Request(url, data=b"{}")
        with urllib.request.urlopen(request, timeout=5) as answer:
            return bool(answer.status == 202)
    except OSError:
        return False


def shown(found: Measured) -> str:
    """Some lines for a person."""
    return (
        f"accepted           {found.rate:>8,.0f} reports/s   (target {TARGET_RATE:,})\n"
        f"bare application   {found.bare_rate:>8,.0f} reports/s   ratio {found.rate / found.bare_rate:.2f}\n"
        f"at half of that    p50 {found.p50_ms:.0f} ms, p99 {found.p99_ms:.0f} ms   (target {TARGET_P99_MS} ms)\n"
        f"processor          {found.cpu_us:>8,.0f} us a report in the gateway"
    )
