"""Which action takes another one back. Pure."""

from __future__ import annotations

from typing import Any, NamedTuple

WHY = "dibatalkan: keliru"


class Undo(NamedTuple):
    """The action that takes it back."""

    action: str
    value: str
    why: str


def of(action: str, value: str, before: dict[str, Any]) -> Undo | None:
    """What undoes an action on an incident that was as `before` (a row of `posko.incidents`); None: nothing does."""
    match action:
        case "resolve" | "reject":
            return Undo("reopen", "", WHY)
        case "assign" if before["assigned_to"] and before["assigned_to"] != value:
            return Undo("assign", before["assigned_to"], WHY)
        case "refer" if before["lead_agency"] and before["lead_agency"] != value:
            return Undo("refer", before["lead_agency"], WHY)
        case "severity" if str(before["severity"]) != value:
            return Undo("severity", str(before["severity"]), WHY)
        case "silence" if value != "0":
            return Undo("silence", "0", WHY)
    return None
