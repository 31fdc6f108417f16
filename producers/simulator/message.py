"""What goes out, with the truth about it."""

from __future__ import annotations

from typing import Any, NamedTuple

from producers.simulator.scenarios import Scenario

ACCEPTED, REJECTED = "accepted", "rejected"


class Message(NamedTuple):
    """One message of the day. `at` is simulated time in ms; the rest after `value` is the truth that scoring reads.

    `message` is first, resend, edited_resend, conflict, garbage or marked; `reason` why it should be rejected, or
    the mark it
    should carry; `spoiled` names what was done to garbage.
    """

    at: int
    key: bytes
    value: bytes | None
    report_id: str | None
    event_id: str | None
    message: str
    expected: str
    reason: str
    category: str
    kind: str
    stage: str
    spoiled: str

    def truth(self, sent_at: int | None) -> dict[str, Any]:
        """The line of the truth file; `sent_at` is the wall clock in ms, None when it went to a file."""
        return {
            "report_id": self.report_id,
            "event_id": self.event_id,
            "message": self.message,
            "expected": self.expected,
            "reason": self.reason,
            "category": self.category,
            "kind": self.kind,
            "stage": self.stage,
            "spoiled": self.spoiled,
            "at": self.at,
            "sent_at": sent_at,
        }


def report_message(
    at: int, key: bytes, value: bytes, report_id: str, event_id: str, scenario: Scenario, stage: str, mark: str
) -> Message:
    """A report that should be accepted, `mark` the mark it should get ("" for none)."""
    return Message(
        at, key, value, report_id, event_id, "marked" if mark else "first", ACCEPTED, mark,
        scenario.category, scenario.kind, stage, "",
    )  # fmt: skip
