"""The header with the times of a report: what is written is read, and garbage harms nothing."""

from __future__ import annotations

from pathlib import Path
from struct import pack, unpack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posko import passage

NOW = 1_732_665_600_000


def times(headers) -> dict[str, int]:
    return dict(zip(passage.CARRIED, unpack("<5q", passage.packed(headers)), strict=True))


def test_times_are_carried_from_the_sender_through_intake_and_correlate():
    behind_intake = passage.read_by_intake([("other", b"1"), passage.sent(NOW)], NOW + 10, NOW + 30)
    behind_correlate = passage.read_by_correlate([behind_intake], NOW + 50, NOW + 90)
    assert times([("trace", b"x"), behind_correlate]) == {
        "sent": NOW,
        "received": NOW + 10,
        "intake_read": NOW + 30,
        "intake_written": NOW + 50,
        "correlate_read": NOW + 90,
    }


def test_what_was_not_passed_yet_is_zero():
    assert list(times([passage.read_by_intake([], NOW, NOW + 1)]).values()) == [0, NOW, NOW + 1, 0, 0]


@pytest.mark.parametrize(
    "value",
    [
        None,
        b"",
        b"soon",
        b"-5",
        b"1e3",
        b"9" * 16,
        b"\xff\xfe",
        "١٢٣".encode(),
        b"0",
        b"%d" % (NOW + 2_000),
        b"%d" % 1000,
    ],
    ids=["null", "empty", "word", "negative", "float", "long", "bytes", "arabic", "zero", "future", "decades"],
)
def test_a_time_of_sending_that_cannot_be_is_not_known(value):
    assert times([passage.read_by_intake([(passage.SENT, value)], NOW, NOW)])["sent"] == 0


@pytest.mark.parametrize("ago", [-1_000, 0, 600_000, passage.DAY_MS])
def test_a_message_that_waited_for_the_broker_and_a_clock_a_little_ahead_are_believed(ago):
    assert times([passage.read_by_intake([passage.sent(NOW - ago)], NOW, NOW)])["sent"] == NOW - ago


@given(st.lists(st.tuples(st.sampled_from([passage.TIMES, passage.SENT, "x"]), st.none() | st.binary(max_size=60))))
def test_no_header_makes_anything_fail(headers):
    name, value = passage.read_by_correlate([passage.read_by_intake(headers, NOW, NOW), *headers], NOW, NOW)
    assert name == passage.TIMES
    assert len(value) == len(passage.packed(headers)) == passage.SIZE


def test_a_header_of_another_length_is_ignored_or_cut():
    assert passage.packed([(passage.TIMES, b"garbage")]) == bytes(passage.SIZE)
    assert passage.packed([(passage.TIMES, pack("<7q", *range(7)))]) == pack("<5q", *range(5))


def test_the_header_is_documented():
    told = (Path(__file__).parents[2] / "docs" / "messages.md").read_text()
    assert f"`{passage.SENT}`" in told
    assert f"## Header `{passage.TIMES}`" in told
    for place, name in enumerate(passage.CARRIED):
        assert f"| {8 * place} to {8 * place + 7} | `{name}`:" in told
