"""Messages of one person that belong to one report: text, then its place, a position, pictures. Pure.

A report is sent when nothing is missing; what is missing is asked for, and what does not come within a few minutes is
not waited for. Only a category cannot be done without.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID, uuid5

import msgspec

from posko.context import Context
from posko.report import MAX_ATTACHMENTS, MAX_TEXT
from producers.sms.grammar import Draft, Writer, clean, understand

SPACE = UUID("6a4f0a3e-4c47-5d86-9a3b-2f1f3a0a5c10")  # of the ids of reports that came as messages
PLACE_MS = 180_000  # so long a place is waited for
CATEGORY_MS = 24 * 3_600_000  # so long a category is; then the message goes
MOST = 20  # messages of one person that wait

Action = Literal["send", "wait", "drop"]


class Unit(msgspec.Struct, frozen=True):
    """One message. `id`: the provider's, with its name; `at`: when it was sent, `received`: when we had it (ms)."""

    id: str
    at: int
    received: int
    text: str = ""
    lat: float | None = None
    lng: float | None = None
    attachment: dict[str, Any] | None = None


@dataclass(frozen=True)
class Step:
    """What to do with some messages. `due`: when to look again (ms); `ask`: for what is missing, now; `report`: all but
    its reporter."""

    action: Action
    units: list[Unit]
    draft: Draft
    report: dict[str, Any]
    due: int
    ask: bool = False


def steps(units: Sequence[Unit], context: Context, sender: Writer, now: int, quiet_ms: int) -> list[Step]:
    """What to do now (ms) with the messages of one person, in the order of their receipt.

    `quiet_ms`: how long after the last message nothing more is expected.
    """
    groups = _grouped(units, context, sender)
    return [
        _step(group, context, sender, now, quiet_ms, number + 1 == len(groups)) for number, group in enumerate(groups)
    ]


def _grouped(units: Sequence[Unit], context: Context, sender: Writer) -> list[list[Unit]]:
    """Split where somebody begins with something else: a whole report after one that has its category already."""
    groups: list[list[Unit]] = []
    for unit in units:
        if groups and not (
            unit.text
            and not understand(unit.text, context, sender).missing
            and understand(_text(groups[-1], context, sender), context, sender).report["category"]
        ):
            groups[-1].append(unit)
        else:
            groups.append([unit])
    return groups


def _step(group: list[Unit], context: Context, sender: Writer, now: int, quiet_ms: int, last: bool) -> Step:
    written = _text(group, context, sender)
    draft = understand(written, context, sender)
    point = next((one for one in reversed(group) if one.lat is not None), None)
    if point is not None and "place" in draft.missing:
        said = "lokasi dari peta"
        draft = Draft(draft.report, [*draft.understood, said], [one for one in draft.missing if one != "place"])
    report = _report(group, written, draft, point)
    first, quiet = group[0].received, group[-1].received + quiet_ms
    lost = "category" in draft.missing or not written
    end = (
        first + CATEGORY_MS if lost else first + PLACE_MS if "place" in draft.missing else min(quiet, first + PLACE_MS)
    )
    if now >= end or not last:
        return Step("drop" if lost else "send", group, draft, report, end)
    ask = bool(written and draft.missing) and now >= quiet
    return Step("wait", group, draft, report, end if now >= quiet else min(quiet, end), ask)


def _text(group: Sequence[Unit], context: Context, sender: Writer) -> str:
    """The words of all messages; one that is only a category (`LOG`) goes before what it was asked about."""
    texts = [unit.text for unit in group if unit.text]
    if len(texts) < 2:
        return texts[0] if texts else ""
    drafts = [understand(text, context, sender) for text in texts]
    codes = [text for text, draft in zip(texts, drafts, strict=True) if _is_code(draft)]
    rest = [text for text, draft in zip(texts, drafts, strict=True) if not _is_code(draft)]
    return " ".join([*codes, ", ".join(rest)]).strip()


def _is_code(draft: Draft) -> bool:
    return bool(draft.report["category"]) and len(draft.report["text"].split()) == 1


def _report(group: list[Unit], written: str, draft: Draft, point: Unit | None) -> dict[str, Any]:
    files = [unit.attachment for unit in group if unit.attachment][:MAX_ATTACHMENTS]
    return {
        "report_id": str(uuid5(SPACE, group[0].id)),
        **draft.report,
        "reported_at": datetime.fromtimestamp(group[0].at / 1000, UTC).isoformat(),
        **({"lat": point.lat, "lng": point.lng} if point else {}),
        **({"attachments": files} if files else {}),
        **({"original": clean(written)[:MAX_TEXT]} if clean(written) != draft.report["text"] else {}),
    }
