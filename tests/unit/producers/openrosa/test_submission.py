"""Filled-in forms and the reports in them; what is no form is refused without harm."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import orjson
import pytest

from posko.report import parse
from producers.openrosa.submission import MAX_BYTES, MAX_ELEMENTS, Unreadable, read

NOW = datetime(2024, 11, 27, 0, 5, tzinfo=UTC)
ID = "0d5b3a52-54c4-4a52-9d0f-6a1d1f0e7c01"


def xml(inner: str = "", version: str = "v1", instance: str = f"uuid:{ID}") -> bytes:
    return (
        f"<?xml version='1.0' ?><data xmlns:orx='http://openrosa.org/xforms' id='posko_laporan' version='{version}'>"
        "<start>2024-11-27T07:01:00.000+07:00</start><end>2024-11-27T07:04:00.000+07:00</end>"
        f"<category>logistics</category><text>perahu kandas</text>{inner}"
        f"<orx:meta><orx:instanceID>{instance}</orx:instanceID></orx:meta></data>"
    ).encode()


FULL = (
    "<kind>stranded</kind><place><regency>16.71</regency><district>16.71.01</district><village>16.71.01.1001</village>"
    "<tps>4</tps></place><location>-2.99 104.76 12.5 4.0</location><severity>4</severity>"
    "<occurred_at>2024-11-27T06:30:00.000+07:00</occurred_at><photo>1.jpg</photo><photo2/>"
)


def test_a_filled_in_form_is_a_report() -> None:
    filled = read(xml(FULL))
    file = {"sha256": "a" * 64, "mime": "image/jpeg", "name": "1.jpg", "bytes": 3}
    report = filled.report(NOW, [file], current="v1")
    assert filled.media == ("1.jpg",)
    reporter = {"id": "kpps-1", "role": "kpps", "institution": "kpu"}
    parsed = parse(orjson.dumps({**report, "reporter": reporter}))
    assert (parsed.report_id, parsed.category, parsed.kind, parsed.severity) == (ID, "logistics", "stranded", 4)
    assert (parsed.tps, parsed.lat, parsed.lng) == ("16.71.01.1001/004", -2.99, 104.76)
    assert (parsed.reported_at - (parsed.occurred_at or 0)) == 34 * 60_000
    assert parsed.extra == {"form_version": "v1"}


def test_a_form_of_an_older_version_is_taken_and_marked() -> None:
    assert read(xml(version="v0")).report(NOW, [], current="v1")["form_outdated"] is True
    assert "form_outdated" not in read(xml()).report(NOW, [], current="v1")


@pytest.mark.parametrize(
    ("inner", "area"),
    [
        ("<place><regency>16.71</regency><district/><village/><tps/></place>", "16.71"),
        ("<place><regency>16.71</regency><district>16.71.01</district></place>", "16.71.01"),
    ],
)
def test_the_most_precise_place_that_was_chosen_counts(inner: str, area: str) -> None:
    assert read(xml(inner)).report(NOW, [], "v1")["area"] == area


def test_an_id_that_is_no_uuid_still_gives_always_the_same_one() -> None:
    first, again = read(xml(instance="collect-17")), read(xml(instance="collect-17"))
    assert UUID(first.report_id)
    assert first.report_id == again.report_id != read(xml(instance="collect-18")).report_id


def test_without_a_time_that_can_be_read_the_servers_counts() -> None:
    plain = xml().replace(b"2024-11-27T07:04:00.000+07:00", b"noon").replace(b"2024-11-27T07:01:00.000+07:00", b"")
    assert read(plain).report(NOW, [], "v1")["reported_at"] == NOW.isoformat()


BOMB = b'<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><data id="x"><t>&b;&b;</t></data>'


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no xml",
        b"<data>",
        b"\xff\xfe\x00",
        BOMB,
        b'<!DOCTYPE d SYSTEM "file:///etc/passwd"><data id="x"/>',
        b"<data id='x'><text>no instance</text></data>",
        xml().replace(b"id='posko_laporan'", b""),
        b"<data id='x'>" + b"<a/>" * MAX_ELEMENTS + b"</data>",
        xml("<text>" + "x" * MAX_BYTES + "</text>"),
    ],
    ids=["empty", "text", "cut", "bytes", "bomb", "file", "no instance", "no id", "many", "large"],
)
def test_what_is_no_form_is_refused(content: bytes) -> None:
    with pytest.raises(Unreadable):
        read(content)
