"""From a press of a button to an answer: who may, what it says, Kafka, and what the incident's log answers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from litestar.exceptions import HTTPException, NotFoundException, PermissionDeniedException

from dashboards.board import undo
from dashboards.board.accounts.users import User
from dashboards.board.parts import Parts
from dashboards.board.roles import may, sees
from dashboards.board.sender import NotSent
from dashboards.board.warehouse import AWAY, Row
from posko import metrics, wish
from posko.settings import SettingsError
from posko.wish import Wish

PATIENCE_S = 8.0  # how long a press waits for its answer; the page asks again after that
LOOK_S = 0.15
OTHERS = frozenset({"merge", "confirm_link", "refuse_link"})  # actions whose value is another incident


@dataclass(frozen=True, slots=True)
class Place:
    """Where an incident is, of a row of `posko.incidents`."""

    province: str
    regency: str
    district: str
    village: str


@dataclass(frozen=True, slots=True)
class Answer:
    """`state`: `done`, `refused`, `silent` (no answer yet; it is still carried out). `undo`: what takes it back."""

    action_id: str
    action: str
    state: str
    text: str
    code: str = ""
    version: int = 0
    undo: dict[str, str] | None = None

    def content(self) -> dict[str, Any]:
        return asdict(self)


class Actions:
    """What people do to incidents."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def incident(self, user: User, incident_id: str) -> Row:
        """An incident as it is stored now. Raises NotFoundException: what is outside somebody's area is not there."""
        row = await self._parts.warehouse.incident(incident_id)
        if row is None or not sees(user.areas, place_of(row)):
            raise NotFoundException("Insiden itu tidak ada, atau di luar wilayah Anda.")
        return row

    async def take(self, user: User, incident_id: str, form: Mapping[str, Any], reports: list[str]) -> Answer:
        """Do what a form says. Raises HTTPException when the person may not, or Kafka did not take it."""
        action = str(form.get("action", ""))
        if not may(user.role, action):
            raise PermissionDeniedException("Peran Anda tidak boleh melakukan tindakan ini.")
        before = await self.incident(user, incident_id)
        value = str(form.get("value", "")).strip()
        if action in OTHERS:
            await self.incident(user, value)
        asked = Wish(
            incident_id, action, value, str(form.get("why", "")).strip(), reports, form.get("group") == "1",
            user.name, user.role, user.institution, _version(form.get("expected_version")),
        )  # fmt: skip
        places = await self._places(incident_id, reports) if action == "split" else []
        action_id = _uuid(form.get("action_id"))
        try:
            raw = wish.compose(asked, action_id, datetime.fromtimestamp(self._parts.now() / 1000, UTC), places)
        except SettingsError as error:
            raise HTTPException(str(error), status_code=422) from error
        try:
            await self._parts.sender.send(wish.key(asked), raw)
        except NotSent as error:
            metrics.BOARD_ACTIONS.labels(action, "not_sent").inc()
            said = "Kafka tidak menjawab; tindakan belum tercatat. Coba lagi."
            raise HTTPException(said, status_code=503) from error
        answer = await self.wait(incident_id, str(action_id), action)
        metrics.BOARD_ACTIONS.labels(action, answer.state).inc()
        if answer.state != "done":
            return answer
        back = undo.of(action, value, before)
        known = back._asdict() if back and may(user.role, back.action) else None
        return Answer(answer.action_id, action, "done", answer.text, "", answer.version, known)

    async def wait(self, incident_id: str, action_id: str, action: str = "") -> Answer:
        """The answer, as soon as it is stored; `silent` after PATIENCE_S."""
        end = time.monotonic() + PATIENCE_S
        while True:
            try:
                found = await self._parts.warehouse.answer(incident_id, action_id)
            except AWAY:
                found = None  # away for a moment: the answer is not lost
            if found:
                refused = found["action"] == "refused"
                state = "refused" if refused else "done"
                return Answer(action_id, action, state, found["detail"], found["code"], found["version"])
            if time.monotonic() > end:
                said = "Belum ada jawaban; tindakan tetap akan dikerjakan."
                return Answer(action_id, action, "silent", said)
            await asyncio.sleep(LOOK_S)

    async def _places(self, incident_id: str, wanted: list[str]) -> list[Row]:
        """Where the reports of a split are; only reports of this incident count."""
        known = {row["report_id"]: row for row in await self._parts.warehouse.reports(incident_id)}
        if missing := [one for one in wanted if one not in known]:
            raise HTTPException(f"Laporan bukan bagian insiden ini: {', '.join(missing)[:200]}.", status_code=422)
        fields = ("report_id", "source_partition", "source_offset")
        return [{name: known[one][name] for name in fields} for one in dict.fromkeys(wanted)]


def place_of(row: Row) -> Place:
    """Where the incident of a row is."""
    return Place(row["province"], row["regency"], row["district"], row["village"])


def _version(given: Any) -> int | None:
    text = str(given or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None


def _uuid(given: Any) -> UUID:
    """The id that the page made, so that a press that is sent twice counts once."""
    try:
        return UUID(str(given))
    except ValueError:
        return uuid4()
