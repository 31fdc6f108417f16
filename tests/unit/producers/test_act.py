"""What `posko act` sends is an action as triage reads it; what it cannot be is said before anything is sent."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from posko.life import message
from posko.settings import SettingsError
from posko.wish import Wish, compose
from producers.act import REFUSED, _told

NOW = datetime(2024, 11, 27, 2, tzinfo=UTC)
REPORT = str(UUID(int=7))


def wish(action: str, value: str = "", **changes: Any) -> Wish:
    given = {
        "why": "dicek", "reports": [], "group": False, "actor": "anna", "role": "operator", "institution": "posko",
        "expected_version": 4,
    } | changes  # fmt: skip
    return Wish("16.71-AB12CD34EF", action, value, **given)


@pytest.mark.parametrize(
    ("action", "value", "detail"),
    [
        ("acknowledge", "", {"why": "dicek"}),
        ("assign", "budi", {"why": "dicek", "to": "budi"}),
        ("severity", "4", {"why": "dicek", "severity": 4}),
        ("silence", "0", {"why": "dicek", "minutes": 0}),
        ("merge", "16.71-ZZ12CD34EF", {"why": "dicek", "into": "16.71-ZZ12CD34EF"}),
    ],
)
def test_the_value_goes_where_the_contract_has_it(action: str, value: str, detail: dict[str, Any]) -> None:
    sent = message.parse(compose(wish(action, value), UUID(int=1), NOW, []))
    assert (sent.action, sent.detail, sent.expected_version) == (action, detail, 4)
    assert (sent.actor.id, sent.scope) == ("anna", "16.71")


def test_a_split_names_where_its_reports_are() -> None:
    places = [{"report_id": REPORT, "source_partition": 1, "source_offset": 9}]
    sent = message.parse(compose(wish("split", reports=[REPORT]), UUID(int=1), NOW, places))
    assert [(one.source_partition, one.source_offset) for one in message.moved(sent)] == [(1, 9)]


@pytest.mark.parametrize(
    "wrong", [wish("explode"), wish("severity", "much"), wish("split"), wish("silence", "99999999")], ids=str
)
def test_what_is_wrong_in_form_is_said_before_it_is_sent(wrong: Wish) -> None:
    with pytest.raises(SettingsError):
        compose(wrong, UUID(int=1), NOW, [])


def test_a_refusal_is_told_with_its_reason_and_a_status() -> None:
    answer = _told(
        wish("resolve"), {"refused": 1, "action": "refused", "detail": "tidak dapat", "version": 3, "actor": "a"}
    )
    assert (answer.status, answer.text) == (REFUSED, "Ditolak: tidak dapat")
