"""The gateway's doors in this process, before a real Kafka; time is the test's to move."""

from __future__ import annotations

import asyncio
import functools
import json
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

from kafka import KafkaConsumer, TopicPartition
from litestar.testing import AsyncTestClient

from posko import context, kafka_admin, topics
from posko.settings import Settings
from producers.attachments.store import Store
from producers.client.lane import Lane
from producers.gateway import app
from producers.gateway.acceptance import Acceptance
from producers.gateway.check import Check
from producers.gateway.ledger import Ledger
from producers.gateway.limits import Limits
from producers.gateway.parts import Parts
from producers.gateway.run import DOORS
from producers.gateway.statuses import Statuses
from producers.officers import Officer, Officers
from producers.sms.conversation import Conversation

NOON = 1_732_665_900_000  # 2024-11-27 07:05 WIB
PHONE = "+6281234567890"
OFFICER = Officer("kpps-17", "", PHONE, "kpps", "kpu", "16.71.01.1001")


loaded = functools.cache(context.load)


class Clock:
    """Milliseconds since 1970 UTC."""

    def __init__(self) -> None:
        self.ms = NOON

    def __call__(self) -> int:
        return self.ms


@dataclass
class Doors:
    """A client of the application, what it is made of, and what it has brought to Kafka."""

    client: AsyncTestClient[Any]
    parts: Parts
    clock: Clock
    kafka: str
    topic: str
    talks: dict[str, Conversation] = field(default_factory=dict)

    async def later(self, door: str, seconds: float) -> None:
        """Time passes, and the door looks at what is due."""
        self.clock.ms += int(seconds * 1000)
        await self.talks[door].due()

    async def reports(self) -> list[dict[str, Any]]:
        """What is in the topic, in order."""
        return await asyncio.to_thread(reports_in, self.kafka, self.topic)


def reports_in(kafka: str, topic: str) -> list[dict[str, Any]]:
    """What is in the only partition of a topic, in order."""
    consumer, part = KafkaConsumer(bootstrap_servers=kafka), TopicPartition(topic, 0)
    consumer.assign([part])
    consumer.seek_to_beginning(part)
    end, found = consumer.end_offsets([part])[part], []
    while consumer.position(part) < end:
        found += [json.loads(record.value) for record in consumer.poll(200).get(part, [])]
    consumer.close()
    return found


@asynccontextmanager
async def doors(folder: Path, kafka: str, topic: str = "", patience: float = 8.0, **given: Any) -> AsyncIterator[Doors]:
    """The doors on `folder`; a topic of their own unless one is given (then that of an earlier life)."""
    if not topic:
        topic = f"doors-{uuid4()}"
        kafka_admin.ensure_topics(kafka, 1, wanted=[topics.Topic(topic)])
    known, clock = Settings(data=folder, kafka=kafka, **given), Clock()
    election = loaded(known.election)
    ledger, officers = Ledger(folder / "gateway.sqlite3"), Officers(folder / "officers.sqlite3")
    officers.put(OFFICER, NOON)
    lane = Lane.to(kafka, topic, 1)
    acceptance = Acceptance(Check(election), ledger, lane, now=clock, patience=patience)
    parts = Parts(
        known, election, officers, acceptance, Statuses(known), Limits(120, 60), clock,
        attachments=Store(folder / "attachments"), doors=DOORS,
    )  # fmt: skip
    made = app.build(parts)
    talks = {
        talk.door: talk
        for talk in (getattr(one, "__self__", None) for one in parts.tending)
        if isinstance(talk, Conversation)
    }
    parts.tending.clear()  # the test says when time passes
    try:
        async with AsyncTestClient(made, base_url="http://posko.test") as client:
            yield Doors(client, parts, clock, kafka, topic, talks)
    finally:
        await acceptance.close()
        lane.stop()
        ledger.close()
        officers.close()


@dataclass
class Elsewhere:
    """A service of others: what was posted to it, and what it serves."""

    url: str
    posted: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    served: dict[str, bytes] = field(default_factory=dict)
    came: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    async def next(self) -> tuple[str, dict[str, Any]]:
        """The next post, in order; waits for it."""
        assert await asyncio.to_thread(self.came.acquire, timeout=30)
        return self.posted.pop(0)


@contextmanager
def elsewhere() -> Iterator[Elsewhere]:
    """A small HTTP server that keeps what it is told."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            known.posted.append((self.path, json.loads(body)))
            self._answer(200, b"{}")
            known.came.release()

        def do_GET(self) -> None:
            content = known.served.get(self.path)
            self._answer(200 if content is not None else 404, content or b"")

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    known = Elsewhere(f"http://127.0.0.1:{server.server_port}")
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield known
    finally:
        server.shutdown()
        server.server_close()
