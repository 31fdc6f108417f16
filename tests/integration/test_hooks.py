"""Webhooks before a real Kafka: an agency's system that fails, hangs and comes back; reports that it signs."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer

from posko import kafka_admin, topics
from producers.hooks import sending, signature
from producers.hooks.hook import EVENTS, Hook
from producers.hooks.outbound import Outbound
from producers.hooks.store import Store
from producers.officers import Officer, Officers

from .doors import NOON, Doors, doors, loaded

SECRET = "geheim"
PROGRAM = Officer("siaga", "", "", "polda", "polri", "", program=True)
PATIENCE_S = 30


class Agency:
    """An agency's system: `answers` says for each delivery what it does, a status or `None` to hang."""

    def __init__(self) -> None:
        self.answers: Iterator[int | None] = iter(())
        self.usual: int | None = 200
        self.accepted: dict[str, int] = {}  # by incident, the newest version
        self.seen: list[tuple[str, str]] = []  # delivery and event, whatever was answered
        self.forged = 0
        self.released = threading.Event()
        self.url = ""

    def take(self, headers: Any, body: bytes) -> int | None:
        at, given = headers["X-Posko-Timestamp"], headers["X-Posko-Signature"]
        self.forged += not signature.fits(SECRET, at, given, body, int(at))
        told = json.loads(body)
        assert headers["X-Posko-Delivery"] == told["delivery"]
        self.seen.append((told["delivery"], told["event"]))
        status = next(self.answers, self.usual)
        if status == 200:
            incident = told["incident"]
            self.accepted[incident["id"]] = max(incident["version"], self.accepted.get(incident["id"], 0))
        return status


@contextmanager
def agency() -> Iterator[Agency]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            status = known.take(self.headers, self.rfile.read(int(self.headers["Content-Length"])))
            if status is None:
                known.released.wait(PATIENCE_S)
                return
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None: ...

    known = Agency()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    known.url = f"http://127.0.0.1:{server.server_port}/"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield known
    finally:
        known.released.set()
        server.shutdown()
        server.server_close()


class Stage:
    """Hooks, their agencies, and a topic of incidents of their own."""

    def __init__(self, folder: Path, kafka: str, producer: AIOKafkaProducer) -> None:
        self.topic = f"incidents-{uuid4()}"
        kafka_admin.ensure_topics(kafka, 2, wanted=[topics.Topic(self.topic)])
        self.store, self.officers = Store(folder / "hooks.sqlite3"), Officers(folder / "officers.sqlite3")
        self.officers.put(PROGRAM, 1)
        self._kafka, self._producer = kafka, producer
        self.ms = NOON
        self.refused: list[str] = []

    def hook(self, name: str, url: str, **more: Any) -> None:
        given = {"events": EVENTS, "categories": (), "area": "", "severity_from": 1}
        self.store.put(Hook(name, "siaga", url, SECRET, private=True, added_at=0, **{**given, **more}))

    async def say(self, name: str, version: int, status: str = "new", **more: Any) -> None:
        incident = {"incident_id": name, "version": version, "status": status, "category": "logistics", "severity": 3,
                    "province": "16", "regency": "16.71", "first_at": NOON, **more}  # fmt: skip
        async with self._producer.transaction():
            await self._producer.send_and_wait(self.topic, json.dumps(incident).encode(), name.encode())

    async def take_back(self, name: str) -> None:
        """What is written and not committed."""
        incident = {"incident_id": name, "version": 1, "status": "new", "category": "logistics", "severity": 3}
        await self._producer.begin_transaction()
        await self._producer.send_and_wait(self.topic, json.dumps(incident).encode(), name.encode())
        await self._producer.abort_transaction()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        work = Outbound(
            self.store, self.officers, loaded("sumsel-2024"), self._kafka, self._now, self.topic, longest_wait=0.2
        )
        task = asyncio.create_task(work.run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def _now(self) -> int:
        self.ms += 100  # time passes whenever somebody looks at it
        return self.ms


@pytest.fixture
async def stage(kafka: str, tmp_path: Path) -> AsyncIterator[Stage]:
    producer = AIOKafkaProducer(bootstrap_servers=kafka, transactional_id=f"hooks-{uuid4()}")
    await producer.start()
    made = Stage(tmp_path, kafka, producer)
    yield made
    await producer.stop()
    made.store.close()
    made.officers.close()


async def until(promise: Any) -> None:
    """Return when `promise()` is true."""
    async with asyncio.timeout(PATIENCE_S):
        while not promise():
            await asyncio.sleep(0.02)


async def test_every_last_version_arrives_through_failures_a_hang_and_restarts(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "LIMIT_S", 1.0)
    with agency() as troubled, agency() as sound, agency() as away:
        troubled.answers = iter([500, None, 503, 200, None, 429, 302])
        away.usual = 503
        for name, one in (("troubled", troubled), ("sound", sound), ("away", away)):
            stage.hook(name, one.url)
        expected = {f"16.71-{number}": number % 3 + 1 for number in range(12)}
        for name, last in expected.items():
            for version in range(1, last + 1):
                await stage.say(name, version)
        await stage.take_back("16.71-never")
        async with stage.running():
            await until(lambda: sound.accepted == expected)  # whatever the others do
            await until(lambda: not stage.store.waiting("sound"))
            await until(lambda: len(troubled.seen) > 3)
        expected["16.71-new"] = 1
        await stage.say("16.71-new", 1)  # nobody reads
        async with stage.running():
            await until(lambda: troubled.accepted == sound.accepted == expected)
            await until(lambda: not stage.store.waiting("troubled"))
            assert away.accepted == {}
            expected["16.71-0"] = 2
            await stage.say("16.71-0", 2, "resolved")
            await until(lambda: sound.accepted == expected)
            away.usual = 200
            await until(lambda: away.accepted == troubled.accepted == expected)
            await until(lambda: not any(stage.store.waiting(name) for name in ("troubled", "sound", "away")))
        assert troubled.forged == sound.forged == away.forged == 0
        assert ("16.71-0:2", "closed") in sound.seen
        assert len(sound.seen) == len(set(sound.seen))  # nothing twice, restarts or not


async def test_a_hook_that_is_gone_is_switched_off_and_what_it_did_not_ask_for_does_not_come(stage: Stage) -> None:
    with agency() as gone, agency() as picky:
        gone.usual = 410
        stage.hook("gone", gone.url)
        stage.hook("picky", picky.url, events=("closed",), area="16.71", severity_from=4)
        await stage.say("16.71-a", 1)
        await stage.say("16.71-b", 1, "resolved", severity=5)
        await stage.say("16.02-c", 1, "resolved", severity=5, regency="16.02")
        await stage.say("16.71-d", 1, severity=5)
        await stage.say("16.71-e", 1, "rejected", severity=5)
        async with stage.running():
            await until(lambda: picky.accepted == {"16.71-b": 1, "16.71-e": 1})
            await until(lambda: any(one.off for one in stage.store.hooks()))
        assert "410" in stage.store.hooks()[0].off
        assert {event for _, event in picky.seen} == {"closed"}


async def test_a_hook_that_accepts_nothing_for_a_day_is_switched_off(stage: Stage) -> None:
    with agency() as away:
        away.usual = 500
        stage.hook("away", away.url)
        await stage.say("16.71-a", 1)
        async with stage.running():
            await until(lambda: len(away.seen) > 1)
            assert stage.store.hooks()[0].off == ""
            stage.ms += sending.DAY_MS
            await until(lambda: stage.store.hooks()[0].off)
        assert "status 500" in stage.store.hooks()[0].off
        assert stage.store.waiting("away") == 1


def report(**more: Any) -> dict[str, Any]:
    return {"report_id": str(uuid4()), "category": "security", "text": "Ada kerumunan di depan gudang PPK",
            "reported_at": "2024-11-27T07:05:00+07:00", "area": "16.71.01.1001", **more}  # fmt: skip


async def posted(here: Doors, body: bytes, secret: str = SECRET, late_s: int = 0, name: str = "siaga") -> Any:
    headers = signature.headers(secret, here.clock.ms / 1000 - late_s, body)
    return await here.client.post(f"/hooks/{name}", content=body, headers=headers)


async def test_signed_reports_come_in_once_and_forged_and_stale_ones_do_not(kafka: str, tmp_path: Path) -> None:
    async with doors(tmp_path, kafka) as here:
        here.parts.officers.put(PROGRAM, NOON)
        Store(tmp_path / "hooks.sqlite3").put(
            Hook("siaga", "siaga", "https://siaga.example/", SECRET, EVENTS, (), "", 1, False, NOON)
        )
        one, two = report(), report(reporter={"id": "p-7"})
        body = json.dumps({"reports": [one, two]}).encode()
        answers = [await posted(here, body) for _ in range(2)]  # the same call, replayed
        assert [answer.status_code for answer in answers] == [202, 202]
        states = [[receipt["state"] for receipt in answer.json()["receipts"]] for answer in answers]
        assert states == [["accepted", "accepted"], ["known", "known"]]

        single = json.dumps(report()).encode()
        refused = [
            await posted(here, single, secret="guessed"),
            await posted(here, single, late_s=301),
            await posted(here, single, late_s=-301),
            await posted(here, single, name="nobody"),
            await here.client.post("/hooks/siaga", content=single),
        ]
        assert {(answer.status_code, answer.json()["reason"]) for answer in refused} == {(401, "bad_signature")}
        assert (await posted(here, b"x" * ((1 << 20) + 1))).status_code == 413
        assert (await posted(here, b"{")).status_code == 400
        assert (await posted(here, b'{"reports": []}')).status_code == 422
        here.parts.officers.revoke("siaga", NOON)
        assert (await posted(here, single)).status_code == 401
        stored = await here.reports()
        assert [found["report_id"] for found in stored] == [one["report_id"], two["report_id"]]
        assert [found["reporter"]["id"] for found in stored] == ["siaga", "siaga/p-7"]
        assert {found["channel"] for found in stored} == {"api"}
