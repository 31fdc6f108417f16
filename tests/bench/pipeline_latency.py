"""How long reports take from sending to queryable at a constant rate, against a running instance.

    posko up --data /tmp/bench --port-base 32000 --detach
    posko bench latency --data /tmp/bench --rate 1000 --seconds 60

The load is a simulated day, made beforehand so that making it costs nothing while it is sent. Two latencies are
printed: of every report, from sending to the `stored_at` of its row; and of a few marked reports, from sending to the
moment another client's query first shows them.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

import clickhouse_connect
import psutil
from aiokafka import AIOKafkaProducer
from clickhouse_connect.driver.client import Client

from posko import settings, topics
from posko.local import progress
from producers.kafka import key_of

TICK = 0.05  # seconds between two sends: phones do not line up, but one process cannot send each report alone
PROBE_EVERY = 4.0
ASK_EVERY = 0.5  # seconds: each question costs as much as storing a hundred reports


def simulated(rate: int, seconds: int, election: str) -> list[tuple[bytes, bytes]]:
    """Keys and values of the load, in the order of sending."""
    with tempfile.TemporaryDirectory() as folder:
        lines = Path(folder) / "load.jsonl"
        command = [sys.executable, "-m", "posko", "simulate", "--rate", str(rate), "--duration", str(seconds)]
        command += ["--election", election, "--seed", str(time.time_ns() % 100_000), "--out", str(lines)]
        subprocess.run([*command, "--progress", "none"], check=True)
        return [(key(line), line) for line in lines.read_bytes().split(b"\n") if line]


def key(line: bytes) -> bytes:
    """The key a producer would use; garbage goes anywhere."""
    try:
        return key_of(json.loads(line)).encode()
    except ValueError:
        return b"garbage"


async def send(bootstrap: str, load: list[tuple[bytes, bytes]], rate: int) -> dict[str, float]:
    """Send `load` at `rate` messages a second; wall-clock seconds of sending by report_id."""
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, max_batch_size=1 << 20, max_request_size=topics.MAX_MESSAGE
    )
    await producer.start()
    partitions = len(await producer.partitions_for(topics.REPORTS))
    sent: dict[str, float] = {}
    began = time.monotonic()
    at = 0
    while at < len(load):
        due = min(len(load), int((time.monotonic() - began) * rate))
        lots: dict[int, Any] = {}
        now = time.time()
        for name, value in load[at:due]:
            partition = topics.partition_of(name, partitions)
            lots.setdefault(partition, producer.create_batch()).append(key=name, value=value, timestamp=None)
            if value.startswith(b'{"report_id":"'):
                sent.setdefault(value[14:50].decode(errors="replace").lower(), now)
        for partition, lot in lots.items():
            lot.close()
            await producer.send_batch(lot, topics.REPORTS, partition=partition)
        at = due
        await asyncio.sleep(TICK)
    await producer.stop()
    return sent


async def probe(known: settings.Settings, seconds: float) -> list[float]:
    """Send a marked report now and then and ask until it shows; milliseconds each."""
    client = connect(known)
    producer = AIOKafkaProducer(bootstrap_servers=known.kafka_address)
    await producer.start()
    waits = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        marked = str(uuid.uuid4())
        report = {
            "report_id": marked, "category": "security", "text": "uji jalur laporan", "tps": "16.71.01.1001/001",
            "reported_at": "2024-11-27T09:00:00+07:00",
            "reporter": {"id": f"probe-{marked[:8]}", "role": "kpps", "institution": "kpu"},
        }  # fmt: skip
        began = time.monotonic()
        await producer.send_and_wait(topics.REPORTS, json.dumps(report).encode(), key=b"16.71.01")
        while not await asyncio.to_thread(shows, client, marked):
            await asyncio.sleep(ASK_EVERY)
        waits.append(1000 * (time.monotonic() - began))
        await asyncio.sleep(PROBE_EVERY)
    await producer.stop()
    client.close()
    return waits


def shows(client: Client, report_id: str) -> bool:
    found = client.query(
        "SELECT 1 FROM posko.reports WHERE report_id = {id:String} AND received_at > now() - 60 LIMIT 1",
        parameters={"id": report_id},
    )
    return bool(found.result_rows)


def connect(known: settings.Settings) -> Client:
    return clickhouse_connect.get_client(**known.clickhouse_client_options, autogenerate_session_id=False)


def memory(known: settings.Settings) -> int:
    """Bytes that all processes of the instance take together (PSS would be less: pages they share count for each)."""
    status = subprocess.run(
        [sys.executable, "-m", "posko", "status", "--json", "--data", str(known.data)], capture_output=True, check=False
    )
    pids = [service["pid"] for service in json.loads(status.stdout)["services"] if service["pid"]]
    return sum(psutil.Process(pid).memory_info().rss for pid in pids)


def quantile(ordered: list[float], q: float) -> float:
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))]


async def run(known: settings.Settings, rate: int, seconds: int) -> None:
    load = simulated(rate, seconds, known.election)
    print(f"{len(load):,} messages are ready; sending {rate}/s", flush=True)
    probing = asyncio.create_task(probe(known, seconds - 2))
    began = time.monotonic()
    sent = await send(known.kafka_address, load, rate)
    took = time.monotonic() - began
    waits = sorted(await probing)
    while any(stage.lag for stage in progress.lag(known)):
        await asyncio.sleep(0.2)
    drained = time.monotonic() - began - took
    client = connect(known)
    rows = client.query("SELECT report_id, toUnixTimestamp64Milli(stored_at) FROM posko.reports").result_rows
    stored = sorted(ms - 1000 * sent[report_id] for report_id, ms in rows if report_id in sent)
    print(f"sent in {took:.1f} s ({len(load) / took:,.0f}/s); lag was 0 again {drained:.1f} s later")
    print(f"stored: {len(stored):,} reports, p50 {quantile(stored, 0.5):.0f} ms, p95 {quantile(stored, 0.95):.0f} ms, "
          f"p99 {quantile(stored, 0.99):.0f} ms, max {stored[-1]:.0f} ms")  # fmt: skip
    print(f"shown to another client: {len(waits)} probes, p50 {quantile(waits, 0.5):.0f} ms, max {waits[-1]:.0f} ms")
    print(f"memory of all processes: {memory(known) / 1e9:.2f} GB")


def measure(known: settings.Settings, rate: int, seconds: int) -> None:
    """Send and print; the instance that `known` leads to has to run."""
    asyncio.run(run(known, rate, seconds))
