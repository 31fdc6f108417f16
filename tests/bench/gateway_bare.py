"""What the gateway is compared with: an ASGI application that hands each body to Kafka and answers when it is there.

No check, no ledger, no officers, no framework. `python -m tests.bench.gateway_bare BOOTSTRAP PORT`
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import uvicorn

from producers.client.lane import Group, Lane, Message


def application(lane: Lane) -> Any:
    """The application."""

    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        lane.offer(Group([Message(body, None)], lambda: loop.call_soon_threadsafe(done.set_result, None)))
        await done
        headers = [(b"content-type", b"application/json"), (b"content-length", b"2")]
        await send({"type": "http.response.start", "status": 202, "headers": headers})
        await send({"type": "http.response.body", "body": b"{}"})

    return app


def main() -> None:
    bootstrap, port = sys.argv[1:]
    lane = Lane.to(bootstrap, "bare", 2)
    config = uvicorn.Config(
        application(lane), port=int(port), http="httptools", loop="uvloop", lifespan="off", access_log=False,
        log_level="warning",
    )  # fmt: skip
    uvicorn.Server(config).run()


if __name__ == "__main__":
    main()
