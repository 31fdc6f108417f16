"""One sentence about an instance, for a person who has one second. Pure: from what `posko status` found out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

LARGE = 5_000  # messages: fewer are on their way, more are a queue
SLOW_MS = 5_000  # from send to stored, for half of the reports
RECENT_S = 120.0  # a restart is worth mentioning for so long

Level = Literal["ok", "warning", "bad", "off"]
STYLES: dict[Level, str] = {"ok": "bold green", "warning": "bold yellow", "bad": "bold red", "off": "bold"}


@dataclass(frozen=True)
class Verdict:
    """The sentence, and how bad it is."""

    level: Level
    text: str


@dataclass(frozen=True)
class Pace:
    """What became of a stage between two looks, for each second: messages done, and messages fewer that wait."""

    done: float
    nearer: float


def paces(before: Sequence[dict[str, Any]], after: Sequence[dict[str, Any]], seconds: float) -> dict[str, Pace]:
    """The pace of each stage of the status's `lag`, where both looks know it."""
    known = {stage["name"]: stage for stage in before if stage["lag"] is not None}
    return {
        stage["name"]: Pace(
            (stage["position"] - known[stage["name"]]["position"]) / seconds,
            (known[stage["name"]]["lag"] - stage["lag"]) / seconds,
        )
        for stage in after
        if stage["name"] in known and stage["lag"] is not None and seconds > 0
    }


def of(document: dict[str, Any], pace: dict[str, Pace], now: datetime) -> Verdict:
    """The verdict on a status document; `pace` may be empty, `now` has a timezone: times are told in it."""
    if not document["running"]:
        return Verdict("off", f"Posko is not running. Start it with: posko up --data {document['data']}")
    if document["phase"] != "running":
        missing = [label(service["name"]) for service in document["services"] if service["state"] != "running"]
        return Verdict("warning", f"Posko is {document['phase']}: {', '.join(missing) or 'nearly ready'}")
    down = [service for service in document["services"] if service["state"] != "running"]
    if down:
        return _down(down, document["logs"], now)
    for service in document["services"]:
        if service["detail"]:
            said = f"{label(service['name'])} {service['detail']}, see {document['logs']}/{service['name']}.log"
            return Verdict("bad", said)
    if document["problems"] or document["lag"] is None:
        why = document["problems"][0] if document["problems"] else "how far they are cannot be told"
        return Verdict("bad", f"Every service runs, but {why}")
    return _behind(document, pace) or _well(document, now)


def label(service: str) -> str:
    """A service's or stage's name at the beginning of a sentence."""
    if service.startswith("stream-"):
        return f"Stream worker {service.removeprefix('stream-')}"
    role = service.partition(".")[0]
    return {"kafka": "Kafka", "engine": "The engine", "sink": "The sink"}.get(role, role.capitalize())


def _down(down: list[dict[str, Any]], logs: str, now: datetime) -> Verdict:
    first = next((service for service in down if service["state"] != "waiting"), down[0])
    since = datetime.fromisoformat(first["since"]).astimezone(now.tzinfo)
    at = f"{since:%H:%M}" if since.date() == now.date() else f"{since:%d %b %H:%M}"
    state = first["state"] if first["state"] in ("starting", "waiting", "stopping") else "down"
    times = "once" if first["restarts"] == 1 else f"{first['restarts']} times"
    restarted = f", restarted {times}" if first["restarts"] else ""
    others = [label(service["name"]) for service in down if service is not first]
    also = f". Nor do these run: {', '.join(others)}" if others else ""
    text = f"{label(first['name'])} is {state} since {at}{restarted}, see {logs}/{first['name']}.log{also}"
    return Verdict("warning" if state == "starting" and not first["restarts"] else "bad", text)


def _behind(document: dict[str, Any], pace: dict[str, Pace]) -> Verdict | None:
    waiting = sorted((stage for stage in document["lag"] if stage["lag"]), key=lambda stage: -stage["lag"])
    for stage in waiting:
        moved = pace.get(stage["name"])
        if moved is not None and not moved.done and moved.nearer <= 0:
            service = "sink" if stage["name"].startswith("sink") else "stream-1"
            text = f"{_count(stage)} wait and nothing moves, see {document['logs']}/{service}.log"
            return Verdict("bad", f"{label(stage['name'])} stands still: {text}")
    if not waiting or waiting[0]["lag"] < LARGE:
        return None
    worst = waiting[0]
    text, moved = f"{label(worst['name'])} is {_count(worst)} behind", pace.get(worst["name"])
    if moved is None:
        return Verdict("warning", text)
    if moved.nearer <= 0:
        return Verdict("warning", f"{text} and does not catch up: {moved.done:,.0f} a second are done")
    return Verdict("warning", f"{text} and catching up: about {_time(worst['lag'] / moved.nearer)}")


def _count(stage: dict[str, Any]) -> str:
    what = {"sink.incidents": "incident update", "sink.rejected": "rejected message"}.get(stage["name"], "report")
    return f"{stage['lag']:,} {what}{'' if stage['lag'] == 1 else 's'}"


def _time(seconds: float) -> str:
    for size, unit in ((5_400, "h"), (90, "min")):
        if seconds >= size:
            return f"{seconds / (3600 if unit == 'h' else 60):.0f} {unit}"
    return f"{max(1, round(seconds))} s"


def _well(document: dict[str, Any], now: datetime) -> Verdict:
    workers = sum(service["name"].startswith("stream-") for service in document["services"])
    said = [f"{workers} worker{'' if workers == 1 else 's'}", f"{sum(at['lag'] for at in document['lag']):,} waiting"]
    latency = document["latency"]
    if latency:
        said.append(f"{latency['p50_ms']:,} ms from {latency['from']} to stored (99 % within {latency['p99_ms']:,} ms)")
    else:
        said.append("no report in the last minute")
    for service in document["services"]:
        age = (now - datetime.fromisoformat(service["since"])).total_seconds()
        if service["restarts"] and age < RECENT_S:
            times = "once" if service["restarts"] == 1 else f"{service['restarts']} times"
            back = f"{label(service['name'])} was restarted {times} and is back for {_time(age)}"
            return Verdict("warning", f"{back}; now everything runs: {', '.join(said)}")
    if latency and latency["p50_ms"] > SLOW_MS:
        return Verdict("warning", f"Everything runs, but slowly: {', '.join(said)}")
    return Verdict("ok", f"Everything runs: {', '.join(said)}")
