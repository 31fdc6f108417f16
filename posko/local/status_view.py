"""How `posko status` looks on a terminal: the verdict first, then services, stages, counts and addresses."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from posko.local.verdict import STYLES

COLOURS = {"running": "green", "restarting": "red", "failed": "red"}


def page(document: dict[str, Any]) -> RenderableType:
    """The whole status document, as `posko.local.status` describes it."""
    verdict = document["verdict"]
    parts: list[RenderableType] = [Text(verdict["text"], style=STYLES[verdict["level"]]), ""]
    if document["running"]:
        parts.append(f"Posko in {document['data']}: running (pid {document['pid']})")
    if document["services"]:
        parts += [_services(document["services"]), ""]
    if document["lag"] is not None:
        parts += [_stages(document["lag"], document.get("pace", {})), ""]
    if latency := document["latency"]:
        parts.append(
            f"From {latency['from']} to stored in the last minute: half within {latency['p50_ms']:,} ms, "
            f"99 % within {latency['p99_ms']:,} ms ({latency['reports']:,} reports)"
        )
    if document["counts"]:
        parts.append("Stored: " + ", ".join(f"{name} {count:,}" for name, count in document["counts"].items()))
    parts += [Text(f"! {problem}", style="red") for problem in document["problems"]]
    if document["running"]:
        parts += [f"Kafka {document['kafka']}", f"ClickHouse {document['clickhouse']}"]
        parts += [f"Passwords {document['passwords']}", f"Logs {document['logs']}"]
    return Group(*(Text(part) if isinstance(part, str) else part for part in parts))


def _services(services: list[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("service", "state", "since", "pid", "port", "memory", "restarts", ""):
        table.add_column(column, justify="right" if column in ("pid", "port", "memory", "restarts") else "left")
    for service in services:
        table.add_row(
            service["name"],
            Text(service["state"], style=COLOURS.get(service["state"], "yellow")),
            ago(datetime.fromisoformat(service["since"]).timestamp(), time.time()),
            str(service["pid"] or ""),
            str(service["port"] or ""),
            f"{service['memory'] / 1e6:.0f} MB" if service["memory"] else "",
            str(service["restarts"]),
            Text(service["detail"]),
        )
    return table


def _stages(stages: list[dict[str, Any]], pace: dict[str, dict[str, float]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("stage", "waiting", "done/s" if pace else ""):
        table.add_column(column, justify="left" if column == "stage" else "right")
    for stage in stages:
        waiting = "unknown" if stage["lag"] is None else f"{stage['lag']:,}"
        moved = pace.get(stage["name"])
        table.add_row(stage["name"], waiting, f"{moved['done']:,.0f}" if moved else "")
    return table


def ago(then: float, now: float) -> str:
    """How long ago, in the largest unit."""
    seconds = max(0, int(now - then))
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
