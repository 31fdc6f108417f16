"""Whatever is sent is stored as a report or as rejected, with reason, field and its bytes, and the next comes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from clickhouse_connect.driver.client import Client

from posko import topics
from posko.settings import Settings
from producers.kafka import Sender
from sinks.consumer import Consumer
from sinks.storage import Storage
from tests.integration.sink_tables import empty
from tests.integration.stream_workers import Workers
from tests.processes import wait_until

PATIENCE_S = 90
CODECS = ("gzip", "snappy", "lz4", "zstd")
GOOD: dict[str, Any] = {
    "report_id": str(UUID(int=1)),
    "category": "logistics",
    "text": "Logistik belum tiba di TPS 4",
    "reported_at": "2024-11-27T06:10:00+07:00",
    "reporter": {"id": "kpps-0412", "role": "kpps", "institution": "kpu"},
    "tps": "16.71.01.1001/004",
}


def encoded(**changes: Any) -> bytes:
    return json.dumps({**GOOD, **changes}).encode()


BAD: list[tuple[bytes | None, str, str]] = [
    (None, "empty", ""),
    (b"", "empty", ""),
    (b"halo posko", "not_json", ""),
    (encoded(text="caf\xe9", reporter="\xe9").decode().encode("utf-16"), "not_utf8", ""),
    (b'{"text": "caf\xe9"}', "not_utf8", ""),
    (b"[1, 2]", "not_an_object", ""),
    (b'{"x":' + b"[" * 3000 + b"]" * 3000 + b"}", "too_deep", ""),
    (encoded(text="x" * (2 << 20)), "too_large", ""),
    (encoded(text=None), "missing_field", "text"),
    (encoded(reporter={"id": "a", "role": "kpps"}), "missing_field", "reporter.institution"),
    (encoded(severity="3"), "wrong_type", "severity"),
    (encoded(report_id="17"), "bad_value", "report_id"),
    (encoded(category="weather"), "unknown_category", "category"),
    (encoded(kind="brawl"), "unknown_kind", "kind"),
    (encoded(reporter={**GOOD["reporter"], "role": "king"}), "unknown_role", "reporter.role"),
    (encoded(reporter={**GOOD["reporter"], "institution": "x"}), "unknown_institution", "reporter.institution"),
    (encoded(tps="16.71.01.9999/001"), "unknown_place", "tps"),
    (encoded(area="99"), "unknown_place", "area"),
    (encoded(lat=91, lng=104), "bad_coordinates", "lat"),
    (encoded(lat=-2.9), "bad_coordinates", "lng"),
    (encoded(reported_at="kemarin"), "bad_time", "reported_at"),
    (encoded(reported_at="2004-11-27T06:10:00+07:00"), "clock_implausible", "reported_at"),
]
ODD: list[dict[str, Any]] = [
    {"tps": "", "area": "15.71"},  # outside the area
    {"tps": "16.71.01.1001/999"},  # beyond the known count
    {"reported_at": "2024-11-27T23:10:00+07:00"},  # hours off
    {"lat": 0, "lng": 0},
    {"phone": {"model": "A12"}},
]


@pytest.fixture
async def pipeline(kafka: str, engine: Settings, tmp_path: Path) -> AsyncIterator[tuple[Workers, Client]]:
    """A stream worker and a sink on topics of their own, and the tables they fill."""
    workers = Workers(kafka, tmp_path)
    try:
        workers.make_topics()
        running = workers.start("a")
        await asyncio.to_thread(wait_until, workers.ready("a").exists, running, workers.log("a"))
        with empty(engine) as client:
            async with _sink(engine.model_copy(update={"kafka": kafka, "sink_age": 0.05}), client, workers.prefix):
                yield workers, client
    finally:
        workers.close()


@asynccontextmanager
async def _sink(settings: Settings, client: Client, prefix: str) -> AsyncIterator[None]:
    kinds = {"matched": topics.MATCHED, "incidents": topics.INCIDENTS, "rejected": topics.REJECTED}
    storage = Storage(client, {kind: prefix + name for kind, name in kinds.items()})
    consumer = Consumer(settings, storage, group=f"{prefix}sink")
    running = asyncio.create_task(consumer.run())
    try:
        yield
    finally:
        consumer.stop()
        await asyncio.wait({running}, timeout=PATIENCE_S)
    running.result()


async def until(holds: Callable[[], bool], state: Callable[[], Any]) -> None:
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not holds():
                await asyncio.sleep(0.1)
    except TimeoutError:
        pytest.fail(f"after {PATIENCE_S} s: {state()}")


def count(client: Client, what: str) -> int:
    return int(client.query(f"SELECT count() FROM posko.{what}").result_rows[0][0])


async def test_bad_messages_are_kept_with_the_reason_and_good_ones_between_them_are_stored(
    pipeline: tuple[Workers, Client], kafka: str
) -> None:
    workers, client = pipeline
    with Sender(kafka, workers.prefix + topics.REPORTS) as sender:
        for number, (value, _, _) in enumerate(BAD):
            sender.send(value, f"bad-{number}".encode())
            sender.send(encoded(report_id=str(UUID(int=1000 + number))), b"same key")
        for number, changes in enumerate(ODD):
            sender.send(encoded(report_id=str(UUID(int=2000 + number)), **changes), b"same key")
    good = len(BAD) + len(ODD)
    await until(
        lambda: count(client, "reports") == good and count(client, "rejected") == len(BAD),
        lambda: {what: count(client, what) for what in ("reports", "rejected")},
    )
    rows = client.query(
        "SELECT assumeNotNull(key), reason, field, raw FROM posko.rejected",
        column_formats={"raw": "bytes"},
    ).result_rows
    found = {_bytes(key): (reason, field, _bytes(raw)) for key, reason, field, raw in rows}
    assert found == {f"bad-{n}".encode(): (reason, field, value) for n, (value, reason, field) in enumerate(BAD)}
    assert client.query("SELECT DISTINCT topic FROM posko.rejected").result_rows == [(workers.prefix + topics.REPORTS,)]


async def test_every_compression_is_read(pipeline: tuple[Workers, Client]) -> None:
    workers, client = pipeline
    for number, codec in enumerate(CODECS):
        pair = (b"key", encoded(report_id=str(UUID(int=3000 + number))))
        await asyncio.to_thread(workers.send_batch, [pair, (b"key", b"no json")], codec)
    await until(
        lambda: count(client, "reports") == len(CODECS) and count(client, "rejected") == len(CODECS),
        lambda: {what: count(client, what) for what in ("reports", "rejected")},
    )


def _bytes(value: Any) -> bytes | None:
    return value.encode() if isinstance(value, str) else value
