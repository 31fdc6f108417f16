"""`posko board`: everything wired together, from start to a clean stop."""

from __future__ import annotations

import asyncio
import logging
from types import FrameType

import uvicorn
import uvloop

from dashboards.board.app import build
from dashboards.board.parts import Parts
from posko import context, garbage, log, probes, ready
from posko.observed import Watched, serving
from posko.settings import Settings

STOP_S = 3  # what open requests are given at the end
KEEP_ALIVE_S = 65


class Server(uvicorn.Server):
    """Ends the streams of open pages first: they would never end by themselves."""

    def __init__(self, config: uvicorn.Config, parts: Parts) -> None:
        super().__init__(config)
        self._parts = parts

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._parts.live.close()
        super().handle_exit(sig, frame)


def run(settings: Settings) -> int:
    """Serve until SIGTERM or SIGINT. Returns the exit status: 0 when told to stop, 1 when the port is taken."""
    log.configure(settings.log_level)
    for chatty in ("urllib3", "clickhouse_connect", "kafka", "httpx"):
        logging.getLogger(chatty).setLevel(logging.CRITICAL)
    parts = Parts.of(settings, context.load(settings.election))
    try:
        with serving("board", settings) as seen, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(_serve(parts, seen))
    finally:
        parts.close()


async def _serve(parts: Parts, seen: Watched) -> int:
    settings = parts.settings
    config = uvicorn.Config(
        build(parts),
        host=settings.host,
        port=settings.port("board"),
        http="httptools",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.board_url),
        timeout_graceful_shutdown=STOP_S,
        timeout_keep_alive=KEEP_ALIVE_S,
    )
    server = Server(config, parts)
    seen.begin(
        lambda: "" if server.started else "The board is starting",
        lambda: probes.clickhouse(settings),
        lambda: probes.kafka(settings),
    )
    looking = asyncio.create_task(parts.live.run())
    drawing = asyncio.create_task(asyncio.to_thread(parts.shapes.prepare))
    telling = asyncio.create_task(_tell(server))
    garbage.look_rarely(100_000, 10, 1_000)
    try:
        await server.serve()
    except SystemExit:  # the port is taken: uvicorn has said so
        return 1
    finally:
        for task in (looking, drawing, telling):
            task.cancel()
        ready.mark(False)
    return 0


async def _tell(server: uvicorn.Server) -> None:
    """Make the file that says that the board answers."""
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.05)
    ready.mark(True)
