"""What a hook is told, how calls are signed, where deliveries may go."""

from __future__ import annotations

import ipaddress
from typing import Any

import orjson
import pytest

from posko import context
from producers.hooks import address, signature
from producers.hooks.change import Change, body, read
from producers.hooks.hook import EVENTS, Hook, Known, after_telling, event

SECRET = "geheim"
INCIDENT = {
    "incident_id": "16.02-AB12CD34EF", "version": 3, "status": "new", "category": "misinformation", "severity": 4,
    "kind": "", "title": "Hoaks: \"kata pelapor\"", "summary": "kata pelapor", "province": "16", "regency": "16.02",
    "district": "16.02.02", "village": "16.02.02.2003", "place_name": "Tanjung Baru, Kec. Tanjung Lubuk",
    "lat": -3.3, "lng": 104.8, "reports": 3, "reporters": 2, "first_at": 1_732_665_900_000,
    "quotes": [{"text": "kata pelapor"}], "log": [{"actor": "budi", "why": "ditelepon budi"}], "assigned_to": "budi",
    "last_act": {"actor": "budi"},
}  # fmt: skip


def change(**more: Any) -> Change:
    return read(orjson.dumps({**INCIDENT, **more}))


def hook(**more: Any) -> Hook:
    given = {"name": "siaga", "officer": "siaga", "url": "https://siaga.example/", "secret": SECRET, "events": EVENTS,
             "categories": (), "area": "", "severity_from": 1, "private": False, "added_at": 0}  # fmt: skip
    return Hook(**{**given, **more})


def test_no_report_text_and_no_person_goes_out() -> None:
    told = body(change(), context.load("sumsel-2024"))
    assert b"kata pelapor" not in told
    assert b"budi" not in told
    made = orjson.loads(told)
    assert made["title"].endswith(", Tanjung Baru, Kec. Tanjung Lubuk")
    assert [one["code"] for one in made["place"]["regions"]] == ["16", "16.02", "16.02.02", "16.02.02.2003"]
    assert all(one["name"] for one in made["place"]["regions"])
    assert made["times"]["first"] == "2024-11-27T00:05:00.000+00:00"
    assert made["times"]["updated"] is None


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({}, True),
        ({"severity_from": 4}, True),
        ({"severity_from": 5}, False),
        ({"area": "16.02"}, True),
        ({"area": "16.71"}, False),
        ({"categories": ("misinformation",)}, True),
        ({"categories": ("logistics",)}, False),
    ],
)
def test_a_hook_is_told_of_what_it_asked_for(given: dict[str, Any], wanted: bool) -> None:
    assert hook(**given).wants(change()) is wanted


@pytest.mark.parametrize(
    ("before", "closed", "wanted", "told"),
    [
        (None, False, EVENTS, "opened"),
        (None, True, EVENTS, "closed"),
        (None, False, ("closed",), ""),
        (Known(1, False, ""), False, EVENTS, "changed"),
        (Known(1, False, ""), False, ("opened", "closed"), ""),
        (Known(1, False, ""), True, EVENTS, "closed"),
        (Known(1, True, ""), True, EVENTS, "changed"),
        (Known(1, True, ""), False, ("closed",), ""),  # opened again
        (Known(1, False, "opened"), False, EVENTS, "opened"),  # not told yet, and changed since
        (Known(1, False, "opened"), True, ("opened",), "opened"),
        (Known(1, False, "opened"), True, EVENTS, "closed"),
        (Known(1, False, "changed"), True, ("changed",), "changed"),
        (Known(1, True, "closed"), True, EVENTS, "closed"),
        (Known(1, True, "closed"), False, ("closed",), ""),  # closing was not told, and is undone
        (Known(1, True, "closed"), False, EVENTS, "changed"),
    ],
)
def test_what_waits_and_what_is_new_become_one(
    before: Known | None, closed: bool, wanted: tuple[str, ...], told: str
) -> None:
    assert event(before, closed, wanted) == told


def test_what_was_opened_while_telling_is_a_change_afterwards() -> None:
    assert after_telling("opened", EVENTS) == "changed"
    assert after_telling("opened", ("opened", "closed")) == ""
    assert after_telling("closed", EVENTS) == "closed"


def test_a_merged_incident_is_closed() -> None:
    assert not change().closed
    assert change(status="resolved").closed
    assert change(merged_into="16.02-ZZ").closed


def test_a_signature_holds_for_its_body_its_secret_and_five_minutes() -> None:
    made = signature.headers(SECRET, 1000, b"{}")
    at, given = made["X-Posko-Timestamp"], made["X-Posko-Signature"]
    assert signature.fits(SECRET, at, given, b"{}", 1000 + 300)
    assert not signature.fits(SECRET, at, given, b"{}", 1000 + 301)
    assert not signature.fits(SECRET, at, given, b"{}", 1000 - 301)
    assert not signature.fits(SECRET, "1001", given, b"{}", 1000)
    assert not signature.fits(SECRET, at, given, b"[]", 1000)
    assert not signature.fits("other", at, given, b"{}", 1000)
    assert not signature.fits("", at, signature.signed("", at, b"{}"), b"{}", 1000)
    assert not signature.fits(SECRET, "²", given, b"{}", 1000)
    assert not signature.fits(SECRET, at, "ü", b"{}", 1000)


def test_the_signature_is_the_one_that_the_page_describes() -> None:
    """Also so that agencies' programs have an example: printf '1732665900.{}' | openssl dgst -sha256 -hmac geheim"""
    assert signature.signed(SECRET, "1732665900", b"{}") == (
        "sha256=6295a548bfe935d5d722bb17b683412a4b6023930efbf79f09b598a461ba0cba"
    )


@pytest.mark.parametrize(
    ("url", "private", "says"),
    [
        ("https://siaga.example/posko?a=1", False, ""),
        ("http://127.0.0.1:8080/", True, ""),
        ("http://localhost/", True, ""),
        ("https://10.0.0.7/", True, ""),
        ("http://127.0.0.1:8080/", False, "not public"),
        ("https://localhost/", False, "not public"),
        ("https://10.0.0.7/", False, "not public"),
        ("https://[::ffff:192.168.0.1]/", False, "not public"),
        ("https://169.254.169.254/latest", False, "not public"),
        ("http://siaga.example/", True, "https"),
        ("http://10.0.0.7/", True, "https"),
        ("https://user:word@siaga.example/", False, "user and password"),
        ("https://siaga.example/#a", False, "fragment"),
        ("ftp://siaga.example/", False, "https"),
        ("https:///x", False, "https"),
        ("https://siaga.example:99999/", False, "no address"),
        ("https://siaga.example/\n", False, "printable"),
    ],
)
def test_deliveries_go_only_to_public_addresses_unless_the_operator_says_so(url: str, private: bool, says: str) -> None:
    if not says:
        assert address.checked(url, private) == url
    else:
        with pytest.raises(address.BadAddress, match=says):
            address.checked(url, private)


@pytest.mark.parametrize(
    ("ip", "public"),
    [
        ("8.8.8.8", True), ("2606:4700::1111", True), ("127.0.0.1", False), ("100.64.0.1", False), ("224.0.0.1", False),
        ("::1", False), ("fe80::1", False), ("fd00::1", False), ("::ffff:10.0.0.1", False), ("64:ff9b::a00:1", False),
        ("2002:a00:1::", False), ("0.0.0.0", False),
    ],
)  # fmt: skip
def test_addresses_that_lead_inside_are_known_in_all_their_clothes(ip: str, public: bool) -> None:
    assert address.public(ipaddress.ip_address(ip)) is public


async def test_a_name_that_leads_inside_is_refused_when_it_is_called() -> None:
    with pytest.raises(address.BadAddress, match="not public"):
        await address.resolved("localhost", 443, False)
    assert ipaddress.ip_address(await address.resolved("localhost", 443, True)).is_loopback
