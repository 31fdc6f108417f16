"""The message of the topic `actions`: what somebody wants to do with an incident. Form only; whether it is possible now
is for the incident to say."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Protocol
from uuid import UUID

import msgspec
import orjson
from msgspec import Meta

from posko import incident
from posko.incident import Step
from posko.report import Invalid

MAX_BYTES = 64 << 10
MAX_SPLIT = 200  # reports moved by one action
MAX_SILENCE_MINUTES = 7 * 24 * 60
# The field of `detail` that an action's value comes from; `why` is in all of them.
FIELDS = {
    "verify": "proof", "assign": "to", "refer": "agency", "resolve": "outcome", "severity": "severity",
    "escalate": "level", "split": "reports", "merge": "into", "confirm_link": "link", "refuse_link": "link",
    "silence": "minutes",
}  # fmt: skip
NUMBERS = frozenset({"severity", "escalate", "silence"})

Text = Annotated[str, Meta(max_length=incident.MAX_TEXT)]
Name = Annotated[str, Meta(min_length=1, max_length=200)]


class Actor(msgspec.Struct):
    """Who acts; role and institution are the catalogue's codes, or empty."""

    id: Name
    role: Annotated[str, Meta(max_length=64)] = ""
    institution: Annotated[str, Meta(max_length=64)] = ""


class Moved(msgspec.Struct):
    """A report to be split off: where its message is in the topic `reports`, as `posko.reports` shows it."""

    report_id: UUID
    source_partition: Annotated[int, Meta(ge=0, le=1 << 20)]
    source_offset: Annotated[int, Meta(ge=0, lt=1 << 44)]


class Action(msgspec.Struct):
    """A message of `actions` (docs/messages.md)."""

    action_id: UUID
    incident_id: Annotated[str, Meta(pattern=r"^[0-9.]{2,13}-[0-9A-Z]{10}$")]
    action: str
    actor: Actor
    at: datetime
    expected_version: Annotated[int, Meta(ge=1)] | None = None
    detail: dict[str, Any] = {}

    @property
    def scope(self) -> str:
        """The incident's scope: the key of the message."""
        return self.incident_id.rpartition("-")[0]


def parse(raw: bytes | None) -> Action:
    """The action in a message's value. Raises posko.report.Invalid with reason, field and Indonesian detail."""
    if raw is None or not raw.strip():
        raise Invalid("empty", "", "Pesan tindakan kosong; kirim objek JSON.")
    if len(raw) > MAX_BYTES:
        raise Invalid("too_large", "", f"Pesan tindakan {len(raw)} byte; paling besar {MAX_BYTES}.")
    try:
        content = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise Invalid("not_json", "", f"Pesan tindakan bukan JSON: {error}.") from error
    try:
        action = msgspec.convert(content, Action, strict=True)
    except msgspec.ValidationError as error:
        field = str(error).rpartition("`$")[2].strip("`.") if "`$" in str(error) else ""
        raise Invalid("bad_action", field, f"Pesan tindakan tidak lengkap atau salah: {error}.") from error
    _check(action)
    return action


def _check(action: Action) -> None:
    if action.action not in incident.ACTIONS:
        known = ", ".join(incident.ACTIONS)
        raise Invalid("unknown_action", "action", f"Tindakan {action.action!r} tidak dikenal; yang dikenal: {known}.")
    if action.at.tzinfo is None:
        raise Invalid("bad_action", "at", "Waktu harus dengan zona, misalnya 2024-11-27T10:30:00+07:00.")
    if not isinstance(action.detail.get("why", ""), str):
        raise Invalid("bad_action", "detail.why", "Alasan (why) harus teks.")
    if action.action in FIELDS:
        _check_value(action.action, FIELDS[action.action], action.detail.get(FIELDS[action.action]))
    if action.action == "split":
        moved(action)


def _check_value(action: str, name: str, value: Any) -> None:
    if action in NUMBERS:
        if not isinstance(value, int) or isinstance(value, bool):
            raise Invalid("bad_action", f"detail.{name}", f"{action}: {name} harus bilangan bulat.")
        if action == "silence" and not 0 <= value <= MAX_SILENCE_MINUTES:
            raise Invalid("bad_action", f"detail.{name}", f"silence: 0 sampai {MAX_SILENCE_MINUTES} menit.")
    elif action != "split" and value is not None and not isinstance(value, str):
        raise Invalid("bad_action", f"detail.{name}", f"{action}: {name} harus teks.")


def moved(action: Action) -> list[Moved]:
    """The reports that a split moves, each once. Raises Invalid."""
    try:
        reports = msgspec.convert(action.detail.get("reports"), list[Moved])
    except msgspec.ValidationError as error:
        what = "daftar laporan dengan report_id, source_partition, source_offset"
        raise Invalid("bad_action", "detail.reports", f"split: perlu {what}: {error}.") from error
    reports = list({report.report_id: report for report in reports}.values())
    if not 0 < len(reports) <= MAX_SPLIT:
        raise Invalid("bad_action", "detail.reports", f"split: 1 sampai {MAX_SPLIT} laporan sekaligus.")
    return reports


class Source(Protocol):
    """What is used of the Kafka record that an action came in; `timestamp` in ms."""

    @property
    def value(self) -> bytes | None: ...
    @property
    def timestamp(self) -> int: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...


def forwarded(action: Action, source: Source, reports: list[dict[str, Any]]) -> dict[str, Any]:
    """What goes into `reports.enriched`. `reports`: for a split, the enriched messages of the reports that move."""
    detail = action.detail
    value = detail.get(FIELDS.get(action.action, ""), "")
    return {
        "type": "action",
        "action_id": str(action.action_id),
        "incident_id": action.incident_id,
        "action": action.action,
        "actor": action.actor.id,
        "role": action.actor.role,
        "institution": action.actor.institution,
        "received_at": source.timestamp,
        "expected_version": action.expected_version,
        "why": detail.get("why", ""),
        "value": "" if action.action == "split" or value is None else value,
        "group": bool(detail.get("group", False)),
        "reports": reports,
        "source_partition": source.partition,
        "source_offset": source.offset,
        "original": (source.value or b"").decode("utf-8", "replace"),
    }


def tick(at: int) -> dict[str, Any]:
    """A record of `reports.enriched` that says that it is now `at` (ms)."""
    return {"type": "tick", "at": at}


def is_tick(value: bytes | None) -> bool:
    """Whether a record of `reports.enriched` is one, seen without reading it."""
    return value is not None and value.startswith(_TICK)


_TICK = orjson.dumps(tick(0)).partition(b",")[0]


def step_of(record: dict[str, Any]) -> Step:
    """The step that a forwarded action asks for."""
    return Step(
        record["action"], record["actor"], record["received_at"], record["why"], record["value"], record["role"],
        record["institution"], record["action_id"],
    )  # fmt: skip
