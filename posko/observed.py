"""What a process tells those who watch it, over HTTP: `/metrics`, `/health/live`, `/health/ready`.

The server has a thread of its own, so that it still answers when the event loop is stuck: that is what live is about.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar
from urllib.parse import urlsplit

from prometheus_client import CollectorRegistry, exposition

from posko import log, metrics
from posko.settings import Settings

LIVE_S = 4.0  # an event loop that does not turn for so long hangs; whoever asks should wait a second longer
REMEMBERED_S = 1.0  # an answer about being ready is used again for so long: it asks others
ANSWER_S = 1.0  # how long a scrape waits for the event loop
CLIENT_S = 5.0  # a client that is slower loses the connection

Answer = TypeVar("Answer")

logger = log.get("observed")


class Watched:
    """What is known of this process. A role sets `loop` when it has one, and adds its checks to `checks`.

    A check returns `""` when all is well, else a sentence that says what is missing. It is called in a thread and may
    take some two seconds. Until the role calls `begin`, the process is live and not ready.
    """

    def __init__(self, role: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.role = role
        self.loop: asyncio.AbstractEventLoop | None = None
        self.checks: list[Callable[[], str]] = []
        self._clock = clock
        self._asking = threading.Lock()
        self._asked = float("-inf")
        self._missing: list[str] = []

    def begin(self, *checks: Callable[[], str]) -> None:
        """From now on the process is live while the running event loop turns, and ready when no check objects."""
        self.loop = asyncio.get_running_loop()
        self.checks = list(checks)
        self._asked = float("-inf")  # what was said while it was starting holds no more

    def live(self) -> list[str]:
        """What is wrong with the process itself; nothing while it has not begun, however long it has to wait."""
        if self.loop is None:
            return []
        turned = threading.Event()
        try:
            self.loop.call_soon_threadsafe(turned.set)
        except RuntimeError:
            return ["The event loop has ended"]
        return [] if turned.wait(LIVE_S) else [f"The event loop has not turned for {LIVE_S:g} s"]

    def ready(self) -> list[str]:
        """What the process still needs to do its work; the answer may be a second old."""
        with self._asking:
            if self._clock() - self._asked >= REMEMBERED_S:
                self._missing = self._look()
                self._asked = self._clock()
            return self._missing

    def _look(self) -> list[str]:
        if not self.checks:
            return [f"{self.role} is starting"]
        if stuck := self.live():
            return stuck
        return [missing for check in self.checks if (missing := check())]


def asked(loop: asyncio.AbstractEventLoop, question: Coroutine[Any, Any, Answer], otherwise: Answer) -> Answer:
    """The answer of a coroutine that runs in `loop`, for the thread of the HTTP server; `otherwise` when the loop is
    busy or at its end: that costs what was asked for, not the rest."""
    try:
        return asyncio.run_coroutine_threadsafe(question, loop).result(ANSWER_S)
    except TimeoutError:
        return otherwise
    except RuntimeError:
        question.close()
        return otherwise


@contextmanager
def serving(role: str, settings: Settings) -> Iterator[Watched]:
    """Serve while the block runs. A port that is in use is said in the log and costs the watching, not the work."""
    watched = Watched(role)
    port = settings.metrics_port_of(role)
    server = _listening(settings.metrics_host, port, watched) if port else None
    try:
        yield watched
    finally:
        if server is not None:
            server.shutdown()
            server.server_close()


def _listening(host: str, port: int, watched: Watched) -> ThreadingHTTPServer | None:
    class Handler(_Handler):
        pass

    Handler.watched, Handler.registry = watched, metrics.OF_ROLE[watched.role]
    try:
        server = _Server((host, port), Handler)
    except OSError as error:
        reason = error.strerror or str(error)
        hint = "no metrics and no health checks of this process; choose another port with POSKO_METRICS_PORT"
        logger.warning(hint, role=watched.role, host=host, port=port, error=reason)
        return None
    threading.Thread(target=server.serve_forever, args=(0.2,), name="observed", daemon=True).start()
    return server


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away in the middle is no news."""


class _Handler(BaseHTTPRequestHandler):
    watched: Watched
    registry: CollectorRegistry
    timeout = CLIENT_S

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path == "/metrics":
            encode, kind = exposition.choose_encoder(self.headers.get("Accept", ""))
            self._answer(200, encode(self.registry), kind)
        elif path == "/health/live":
            self._health(self.watched.live())
        elif path == "/health/ready":
            self._health(self.watched.ready())
        else:
            self._answer(404, b"There are /metrics, /health/live and /health/ready\n", "text/plain; charset=utf-8")

    def _health(self, missing: list[str]) -> None:
        document = {"role": self.watched.role, "ok": not missing, "missing": missing}
        self._answer(503 if missing else 200, json.dumps(document).encode() + b"\n", "application/json")

    def _answer(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """No line a request."""
