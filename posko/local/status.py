"""`posko status`: what runs, what waits to be processed, what is stored."""

from __future__ import annotations

import contextlib
import http.client
import json
import logging
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.live import Live

from posko.errors import first_line
from posko.local import secrets, services, state, status_view, verdict
from posko.local.state import ServiceState
from posko.settings import Settings

RUNNING, NOT_RUNNING = 0, 3
AGAIN_S = 1.5  # between two looks, to see what moves
WATCH_S = 2.0
HEALTH_S = 6.0  # a service asks others before it answers, and gives each two seconds


def show(settings: Settings, as_json: bool, watch: bool = False) -> int:
    """Print the status, with `watch` again and again until Ctrl-C. Returns the exit status: 0 running, 3 not."""
    if as_json:
        document = describe(settings)
        json.dump(document, sys.stdout, indent=2)
        sys.stdout.write("\n")
        return RUNNING if document["running"] else NOT_RUNNING
    glance = Glance(settings)
    document = glance.look()
    if watch:
        with contextlib.suppress(KeyboardInterrupt), Live(status_view.page(document), screen=True) as screen:
            while True:
                time.sleep(WATCH_S)
                document = glance.look()
                screen.update(status_view.page(document), refresh=True)
    Console().print(status_view.page(document), highlight=False, soft_wrap=True)
    return RUNNING if document["running"] else NOT_RUNNING


class Glance:
    """Looks at an instance for a person. Where something waits, how fast it moves is told by looking twice."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lag: list[dict[str, Any]] = []
        self._at = 0.0

    def look(self) -> dict[str, Any]:
        """The status document, with the verdict and the paces of the stages in it."""
        document, at = describe(self._settings), time.monotonic()
        if not self._lag and any(stage["lag"] for stage in document["lag"] or []):
            self._lag, self._at = document["lag"], at
            time.sleep(AGAIN_S)
            document, at = describe(self._settings), time.monotonic()
        pace = verdict.paces(self._lag, document["lag"] or [], at - self._at)
        self._lag, self._at = document["lag"] or [], at
        document["pace"] = {name: asdict(found) for name, found in pace.items()}
        document["verdict"] = asdict(verdict.of(document, pace, datetime.now().astimezone()))
        return document


def describe(settings: Settings) -> dict[str, Any]:
    """The status as docs/operating.md describes it."""
    known = state.read(settings.data)
    supervisor = state.alive(known.pid, known.started) if known else None
    running = supervisor is not None
    document: dict[str, Any] = {
        "running": running,
        "phase": known.phase if known and running else "stopped",
        "pid": supervisor.pid if supervisor else None,
        "data": str(settings.data),
        "election": settings.election,
        "kafka": settings.kafka_address,
        "clickhouse": settings.clickhouse_url,
        "passwords": str(secrets.path(settings.data)),
        "logs": str(settings.data / "logs"),
        "services": [_service(service, running) for service in (known.services if known else [])],
        "lag": None,
        "counts": None,
        "latency": None,
        "problems": [],
    }
    if running:
        for client in ("kafka", "clickhouse_connect", "urllib3"):
            logging.getLogger(client).setLevel(logging.CRITICAL)  # what they cannot reach is said below
        document["lag"] = _ask(document, "lag", lambda: _lag(settings))
        document["problems"] += [text for service in document["services"] for text in _missing(settings, service)]
        document["counts"] = _ask(document, "counts", lambda: _counts(settings))
        document["latency"] = _ask(document, "latency", lambda: _latency(settings))
        silent = [stage for stage in document["lag"] or [] if stage.get("problem")]
        reasons = dict.fromkeys(stage["problem"] for stage in silent)
        document["problems"] += [f"lag is unknown: {reason}" for reason in reasons]
    document["verdict"] = asdict(verdict.of(document, {}, datetime.now().astimezone()))
    return document


def _missing(settings: Settings, service: dict[str, Any]) -> list[str]:
    """What a running service says it still needs, such as room on ClickHouse's disk."""
    port = services.observed(settings).get(service["name"], 0)
    if not port or service["state"] != "running":
        return []
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=HEALTH_S).close()
    except urllib.error.HTTPError as answer:
        with contextlib.suppress(ValueError, KeyError, TypeError, OSError):
            return [f"{service['name']}: {text}" for text in json.load(answer)["missing"]]
    except (OSError, http.client.HTTPException):
        return [f"{service['name']} does not answer"]
    return []


def _lag(settings: Settings) -> list[dict[str, Any]]:
    from posko.local import progress

    return [asdict(stage) for stage in progress.lag(settings)]


def _counts(settings: Settings) -> dict[str, int]:
    from posko.local import progress

    return progress.counts(settings)


def _latency(settings: Settings) -> dict[str, Any] | None:
    from posko.local import progress

    return progress.latency(settings)


def _service(service: ServiceState, running: bool) -> dict[str, Any]:
    process = state.alive(service.pid, service.started) if running else None
    return {
        "name": service.name,
        "state": service.state if running else "stopped",
        "detail": service.detail if running else "",
        "pid": process.pid if process else None,
        "since": datetime.fromtimestamp(service.since, UTC).isoformat(timespec="seconds"),
        "restarts": service.restarts,
        "port": service.port,
        "memory": state.memory(process),
    }


def _ask(document: dict[str, Any], what: str, question: Callable[[], Any]) -> Any:
    """An answer of a service, or None and the reason among the problems: status must work when a service does not."""
    try:
        return question()
    except Exception as error:
        document["problems"].append(f"{what} cannot be asked for now: {first_line(error)}")
        return None
