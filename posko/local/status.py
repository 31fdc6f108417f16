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

import psutil
from rich.console import Console
from rich.table import Table

from posko.local import secrets, services, state
from posko.local.state import ServiceState
from posko.settings import Settings

RUNNING, NOT_RUNNING = 0, 3
HEALTH_S = 6.0  # a service asks others before it answers, and gives each two seconds


def show(settings: Settings, as_json: bool) -> int:
    """Print the status. Returns the exit status: 0 running, 3 not running."""
    document = describe(settings)
    if as_json:
        json.dump(document, sys.stdout, indent=2)
        sys.stdout.write("\n")
    else:
        _table(document, Console())
    return RUNNING if document["running"] else NOT_RUNNING


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
        "problems": [],
    }
    if running:
        for client in ("kafka", "clickhouse_connect", "urllib3"):
            logging.getLogger(client).setLevel(logging.CRITICAL)  # what they cannot reach is said below
        document["lag"] = _ask(document, "lag", lambda: _lag(settings))
        document["problems"] += [text for service in document["services"] for text in _missing(settings, service)]
        document["counts"] = _ask(document, "counts", lambda: _counts(settings))
        silent = [stage for stage in document["lag"] or [] if stage.get("problem")]
        reasons = dict.fromkeys(stage["problem"] for stage in silent)
        document["problems"] += [f"lag is unknown: {reason}" for reason in reasons]
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
        "memory": _memory(process),
    }


def _memory(process: psutil.Process | None) -> int | None:
    try:
        return int(process.memory_info().rss) if process else None
    except psutil.Error:
        return None


def _ask(document: dict[str, Any], what: str, question: Callable[[], Any]) -> Any:
    """An answer of a service, or None and the reason among the problems: status must work when a service does not."""
    try:
        return question()
    except Exception as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0][:300]
        document["problems"].append(f"{what} cannot be asked for now: {reason}")
        return None


def _table(document: dict[str, Any], console: Console) -> None:
    head = f"running (pid {document['pid']})" if document["running"] else "not running"
    console.print(f"Posko in {document['data']}: {head}", highlight=False, soft_wrap=True)
    if document["services"]:
        console.print(_services(document["services"]))
    if document["lag"] is not None:
        waiting = ", ".join(_waiting(stage) for stage in document["lag"])
        console.print(f"Waiting to be processed: {waiting}", highlight=False)
    if document["counts"] is not None:
        stored = ", ".join(f"{name} {count:,}" for name, count in document["counts"].items())
        console.print(f"Stored: {stored}", highlight=False)
    for problem in document["problems"]:
        console.print("! " + problem, highlight=False, markup=False, soft_wrap=True)
    if document["running"]:
        addresses = f"Kafka {document['kafka']}, ClickHouse {document['clickhouse']}, passwords {document['passwords']}"
        console.print(addresses, highlight=False, soft_wrap=True)


def _waiting(stage: dict[str, Any]) -> str:
    return f"{stage['name']} {'unknown' if stage['lag'] is None else format(stage['lag'], ',')}"


def _services(services: list[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("service", "state", "since", "pid", "port", "memory", "restarts", ""):
        table.add_column(column, justify="right" if column in ("pid", "port", "memory", "restarts") else "left")
    for service in services:
        memory = f"{service['memory'] / 1e6:.0f} MB" if service["memory"] else ""
        table.add_row(
            service["name"],
            f"[{'green' if service['state'] == 'running' else 'yellow'}]{service['state']}[/]",
            _ago(datetime.fromisoformat(service["since"]).timestamp(), time.time()),
            str(service["pid"] or ""),
            str(service["port"] or ""),
            memory,
            str(service["restarts"]),
            service["detail"],
        )
    return table


def _ago(then: float, now: float) -> str:
    seconds = max(0, int(now - then))
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
