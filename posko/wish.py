"""What somebody wants to do with an incident, and the message of the topic `actions` that says so.

`posko act` and the board send the same message; how it is sent and where the answer is looked for is theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from posko.life import message
from posko.report import Invalid
from posko.settings import SettingsError


@dataclass(frozen=True)
class Wish:
    """What somebody wants to do; `value` as typed, `reports` the ids of a split."""

    incident: str
    action: str
    value: str
    why: str
    reports: Sequence[str]
    group: bool
    actor: str
    role: str
    institution: str
    expected_version: int | None


def compose(wish: Wish, action_id: UUID, at: datetime, places: Sequence[dict[str, Any]]) -> bytes:
    """The message of `actions`; `places`: of a split, where its reports are (`message.Moved`).

    Raises SettingsError when its form is wrong; the text is Indonesian.
    """
    detail: dict[str, Any] = {"why": wish.why}
    if wish.group:
        detail["group"] = True
    if name := message.FIELDS.get(wish.action):
        number = wish.action in message.NUMBERS and wish.value.isdigit()
        detail[name] = list(places) if wish.action == "split" else int(wish.value) if number else wish.value
    value = orjson.dumps(
        {
            "action_id": str(action_id),
            "incident_id": wish.incident,
            "action": wish.action,
            "actor": {"id": wish.actor, "role": wish.role, "institution": wish.institution},
            "at": at.isoformat(),
            "expected_version": wish.expected_version,
            "detail": detail,
        }
    )
    try:
        message.parse(value)
    except Invalid as wrong:
        raise SettingsError(wrong.detail) from wrong
    return value


def key(wish: Wish) -> bytes:
    """The message's key: the incident's scope, which leads it to the partition that has the incident."""
    return wish.incident.rpartition("-")[0].encode()
