"""`posko gateway`: everything wired together, from start to a clean stop."""

from __future__ import annotations

import asyncio
import os
import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn
import uvloop

from posko import context, garbage, log, metrics, probes, ready, topics
from posko.observed import Watched, serving
from posko.settings import Settings
from producers.attachments import Store
from producers.attachments import router as attachments
from producers.cap import router as cap
from producers.client.lane import Lane
from producers.gateway import app, watched
from producers.gateway.acceptance import Acceptance
from producers.gateway.check import Check
from producers.gateway.ledger import Ledger
from producers.gateway.limits import Limits
from producers.gateway.parts import Parts
from producers.gateway.reconcile import reconcile
from producers.gateway.slow import Patient
from producers.gateway.statuses import Statuses
from producers.hooks import router as hooks
from producers.imports.memory import FILE as IMPORTS
from producers.officers import Officers
from producers.openrosa import router as openrosa
from producers.sms import router as sms
from producers.webapp import router as webapp
from producers.whatsapp import router as whatsapp

if TYPE_CHECKING:
    from litestar import Router

# Doors besides the JSON API: each a module's `router(parts)`. Their parts are wired in `_parts`.
DOORS: Sequence[Callable[[Parts], Router]] = (
    webapp.router,
    attachments.router,
    sms.router,
    whatsapp.router,
    openrosa.router,
    cap.router,
    hooks.router,
)
STOP_S = 8  # requests under way have so long to end
IDLE_S = 30  # a connection without a request is closed
LISTEN = 2048  # connections that may wait to be taken

logger = log.get("gateway")


def run(settings: Settings) -> int:
    """Serve until SIGTERM or SIGINT. Returns the exit status: 0 when told to stop, 1 after a failure."""
    log.configure(settings.log_level)
    with serving("gateway", settings) as seen, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_serve(settings, seen))


async def _serve(settings: Settings, seen: Watched) -> int:
    settings.data.mkdir(parents=True, exist_ok=True)
    ledger = Ledger(settings.data / "gateway.sqlite3")
    officers = Officers(settings.data / "officers.sqlite3")
    known = context.load(settings.election)
    lane = Lane.to(settings.kafka_address, topics.REPORTS, settings.partitions)
    acceptance = Acceptance(Check(known), ledger, lane)
    parts = _parts(settings, known, officers, acceptance)
    acceptance.open = False
    server = _server(app.build(parts), settings)
    seen.begin(
        lambda: "" if acceptance.open else "Kafka has not answered yet",
        lambda: "The way into Kafka has ended" if lane.error else "",
        lambda: probes.kafka(settings),
    )
    parts.measured += [lambda: watched.of_reports(acceptance), lambda: watched.of_imports(settings.data / IMPORTS)]
    metrics.pulled(metrics.GATEWAY, lambda: (one for asked in parts.measured for one in asked()))
    beside = [
        asyncio.create_task(_end_with(lane, server)),
        asyncio.create_task(_open(acceptance, lane, ledger, server)),
    ]
    garbage.look_rarely(100_000, 10, 1_000)
    try:
        await server.serve()
    finally:
        ready.mark(False)
        for task in beside:
            task.cancel()
        await acceptance.close()
        lane.stop()
        ledger.close()
        officers.close()
    return 1 if lane.error else 0


def _parts(settings: Settings, known: context.Context, officers: Officers, acceptance: Acceptance) -> Parts:
    return Parts(
        settings,
        known,
        officers,
        acceptance,
        Statuses(settings),
        Limits(settings.gateway_officer_rate, settings.gateway_address_rate),
        lambda: int(time.time() * 1000),
        secret=_secret(settings.data / "gateway.key"),
        attachments=Store(settings.attachments_place),
        doors=DOORS,
    )


def _secret(path: Path) -> bytes:
    """The instance's own 32 random bytes, made once."""
    with suppress(FileExistsError), os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as new:
        new.write(secrets.token_bytes(32))
    return path.read_bytes()


async def _end_with(lane: Lane, server: uvicorn.Server) -> None:
    """A gateway without its way into Kafka ends, for its supervisor to start it again."""
    await asyncio.to_thread(lane.ended.wait)
    server.should_exit = True


async def _open(acceptance: Acceptance, lane: Lane, ledger: Ledger, server: uvicorn.Server) -> None:
    """Accept reports once Kafka answers and the ledger says nothing that Kafka lacks."""
    await asyncio.to_thread(lane.connected.wait)
    if not lane.ended.is_set():
        await asyncio.to_thread(reconcile, ledger, lane.bootstrap, topics.REPORTS)
        while not server.started:  # noqa: ASYNC110 uvicorn has no event for it
            await asyncio.sleep(0.01)
        acceptance.open = True
        ready.mark(True)
        logger.info("the gateway accepts reports", port=server.config.port)


def _server(application: app.Litestar, settings: Settings) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            application,
            host=settings.host,
            port=settings.port("gateway"),
            http=Patient,
            ws="none",
            lifespan="on",
            access_log=False,
            log_config=None,
            server_header=False,
            proxy_headers=True,
            forwarded_allow_ips=settings.gateway_proxies,
            timeout_keep_alive=IDLE_S,
            timeout_graceful_shutdown=STOP_S,
            backlog=LISTEN,
        )
    )
