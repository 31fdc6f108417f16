"""What WhatsApp's webhook brings, and anything else that might come there."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.sms.joining import Unit
from producers.whatsapp.message import MOST, messages

NOW = 1_732_665_900_000
HASH = bytes(range(32))
KEYS = st.sampled_from(
    ["entry", "changes", "value", "messages", "from", "id", "type", "text", "body", "location", "image"]
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["text", "location"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=30,
)


def call(*found: Any) -> dict[str, Any]:
    return {"entry": [{"changes": [{"value": {"metadata": {"phone_number_id": "5"}, "messages": list(found)}}]}]}


def one(kind: str, content: Any, **more: Any) -> dict[str, Any]:
    return {"from": "6281234567890", "id": "w1", "timestamp": "1732665900", "type": kind, kind: content, **more}


@pytest.mark.parametrize(
    ("message", "unit"),
    [
        (one("text", {"body": "LOG 4"}), {"text": "LOG 4"}),
        (one("location", {"latitude": -2.99, "longitude": 104}), {"lat": -2.99, "lng": 104.0}),
        (one("button", {"text": "KAM"}), {"text": "KAM"}),
        (
            one(
                "image",
                {"id": "9", "caption": "kotak", "mime_type": "image/jpeg", "sha256": base64.b64encode(HASH).decode()},
            ),
            {"text": "kotak", "attachment": {"media": "9", "mime": "image/jpeg", "sha256": HASH.hex(), "name": ""}},
        ),
    ],
    ids=["text", "location", "button", "image"],
)
def test_messages_of_people_are_understood(message: dict[str, Any], unit: dict[str, Any]) -> None:
    [found] = messages(call(message), NOW)
    assert (found.phone, found.line) == ("+6281234567890", "5")
    assert found.unit == Unit("whatsapp:w1", NOW, NOW, **unit)


@pytest.mark.parametrize(
    "message",
    [
        one("text", {"body": "  "}),
        one("location", {"latitude": 91, "longitude": 0}),
        one("location", {"latitude": True, "longitude": 0}),
        one("image", {}),
        one("reaction", {"emoji": "x"}),
        one("text", {"body": "x"}, id=""),
        one("text", {"body": "x"}, **{"from": "abc"}),
        None,
    ],
)
def test_what_is_no_message_is_left_out(message: Any) -> None:
    assert messages(call(message), NOW) == []


def test_a_call_brings_no_more_than_it_may() -> None:
    assert len(messages(call(*[one("text", {"body": "x"})] * (MOST + 5)), NOW)) == MOST


@given(JSON)
def test_nothing_that_is_json_does_harm(content: Any) -> None:
    assert all(found.phone for found in messages(content, NOW))
    assert all(found.unit.id for found in messages(call(content), NOW))
