"""Messages as gateways hand them over; pieces; signatures; replies."""

from __future__ import annotations

import base64
import hashlib
import hmac
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posko import catalog
from producers.sms import parts, reply, signature
from producers.sms.incoming import Unreadable, e164, moment, read
from producers.sms.parts import Part

WIB = ZoneInfo("Asia/Jakarta")
NOW = datetime(2024, 11, 27, 0, 5, tzinfo=UTC)


def message(**fields: Any) -> Any:
    return read("in", fields, WIB, NOW)


def test_fields_are_found_under_the_names_that_gateways_use() -> None:
    plain = message(**{"from": "0812-3456-7890", "text": "LOG 4", "id": "a1", "sentStamp": 1732665900000})
    nested = message(
        event="sms:received", payload={"phoneNumber": "+6281234567890", "message": "LOG 4", "messageId": "a1"}
    )
    assert (plain.sender, plain.text, plain.message_id) == (nested.sender, nested.text, nested.message_id)
    assert plain.sender == "+6281234567890"
    assert plain.at == NOW


@pytest.mark.parametrize("fields", [{"text": "LOG"}, {"from": "081234567890"}, {"from": {}, "text": "x"}, {}])
def test_a_call_without_sender_or_text_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        message(**fields)


@pytest.mark.parametrize("sender", ["TELKOMSEL", "3636", "", "08", "0" * 300])
def test_what_is_no_persons_phone_has_no_sender(sender: str) -> None:
    assert e164(sender) == ""


@given(
    st.dictionaries(
        st.sampled_from(["from", "text", "id", "time", "udh", "ref", "part", "parts", "payload", "data"]),
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.text(max_size=40)
        | st.lists(st.integers(), max_size=2),
    )
)
def test_any_fields_are_a_message_or_are_refused(fields: dict[str, Any]) -> None:
    with suppress(Unreadable):
        found = message(**{"from": "081234567890", "text": "LOG", **fields})
        assert found.message_id
        assert found.gateway == "in"


def test_times_are_read_as_written_and_in_the_elections_zone() -> None:
    assert moment("1732665900", WIB) == moment("2024-11-27 07:05:00", WIB) == moment("2024-11-27T00:05:00Z", WIB) == NOW
    assert moment("gestern", WIB) is moment("9" * 40, WIB) is None


def test_without_an_id_the_same_message_at_the_same_time_is_the_same() -> None:
    fields = {"from": "081234567890", "text": "LOG 4", "time": "1732665900"}
    assert message(**fields).message_id == message(**fields).message_id
    assert message(**fields).message_id != message(**{**fields, "time": "1732665960"}).message_id


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("050003A10201", Part(0xA1, 1, 2)),
        ("0003A10202", Part(0xA1, 2, 2)),
        ("06080412340302", Part(0x1234, 2, 3)),
        ("0B0504158200000003A10201", Part(0xA1, 1, 2)),
        ("050003A10203", None),
        ("050003A1FF01", None),
        ("05000", None),
        ("", None),
    ],
)
def test_the_header_says_which_piece_it_is(header: str, part: Part | None) -> None:
    found = message(**{"from": "081234567890", "text": "x", "udh": header}).part
    assert found == part


def test_pieces_join_in_any_order_and_a_missing_one_is_seen() -> None:
    assert parts.joined({2: "kandas", 1: "prahu "}, 2) == "prahu kandas"
    assert parts.joined({3: "kandas", 1: "prahu"}, 3) == "prahu [...] kandas"


def test_twilios_own_example_of_a_signature() -> None:
    url = "https://example.com/myapp.php?foo=1&bar=2"
    form = [("Digits", "1234"), ("To", "+18005551212"), ("From", "+14158675310"),
            ("Caller", "+14158675310"), ("CallSid", "CA1234567890ABCDE")]  # fmt: skip
    joined = url + "".join(name + value for name, value in sorted(form))
    good = base64.b64encode(hmac.new(b"12345", joined.encode(), hashlib.sha1).digest()).decode()
    assert signature.twilio(url, reversed(form), good, "12345")
    assert not signature.twilio(url, form[1:], good, "12345")
    assert not signature.twilio(url, form, "", "12345")
    assert not signature.twilio(url, form, good, "")


def test_a_timed_signature_is_refused_when_forged_old_or_moved() -> None:
    body, at = b'{"text":"x"}', 1_700_000_000
    good = hmac.new(b"key", body + str(at).encode(), hashlib.sha256).hexdigest()
    assert signature.timed(body, str(at), good, "key", at + 299) == ""
    assert "old" in signature.timed(body, str(at), good, "key", at + 301)
    assert "match" in signature.timed(body, str(at + 1), good, "key", at)
    assert "match" in signature.timed(body + b" ", str(at), good, "key", at)
    assert signature.timed(body, "", good, "key", at)
    assert signature.timed(body, str(at), good, "", at)


def test_replies_fit_one_message_and_say_what_was_understood() -> None:
    place = "TPS 4, Tanjung Baru, Kec. Tanjung Lubuk, Kab. Ogan Komering Ilir"
    said = reply.accepted(["Logistik", place], "AB12")
    assert said == f"Laporan AB12 diterima: Logistik; {place}. Terima kasih."
    long = reply.accepted(["Netralitas ASN", f"{place}, {place}"], "AB12", ["place"])
    asked = reply.asking([], ["category", "place"], catalog.Catalog.load())
    assert asked.startswith("BELUM DIKIRIM. Jenis laporan? Balas LOG, KAM, HOAKS atau ASN.")
    for text in (said, long, asked, reply.refused("é" * 300), reply.waiting(), reply.closed(), reply.conflict()):
        assert len(text) <= reply.ONE_SMS


def test_letters_that_no_short_message_has_are_replaced() -> None:
    assert reply.gsm("Café “Śri” 你\u00a0x") == "Café ?Sri? ? x"
