"""An enrolled officer, and a sender: an officer, a citizen or an agency's program, as they came in through one door."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["officer", "citizen", "agency"]
Language = Literal["id", "en"]


@dataclass(frozen=True, slots=True)
class Officer:
    """Somebody (or an agency's program) who may send. `name` and `phone` stay in the file of officers.

    `phone` is E.164 (`+62812...`) or `""`; `role` and `institution` are codes of the catalogue; `area` is the
    Kemendagri code of where they serve, `""` for everywhere; `program`: an agency's program, which reports for people
    of its own.
    """

    id: str
    name: str
    phone: str
    role: str
    institution: str
    area: str
    language: Language = "id"
    program: bool = False


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends, and through which door (`channel`, one of `posko.report.CHANNELS`). `id` is never a phone number."""

    kind: Kind
    id: str
    role: str
    institution: str
    area: str
    language: Language
    channel: str

    @classmethod
    def of(cls, officer: Officer, channel: str = "app") -> Sender:
        """An officer, or an agency's program, who came in through the door `channel`."""
        kind: Kind = "agency" if officer.program else "officer"
        return cls(kind, officer.id, officer.role, officer.institution, officer.area, officer.language, channel)

    @classmethod
    def citizen(cls, id: str, channel: str = "web", language: Language = "id") -> Sender:
        """Somebody who is not enrolled; `id` is any stable text that tells one from another and says nothing more."""
        return cls("citizen", id, "citizen", "public", "", language, channel)
