from __future__ import annotations

from posko import topics
from streams.rejects import KEPT, OVERHEAD, Rejects, Why, headers
from streams.transactions import Outputs
from tests.unit.streams.records import record

WHY = Why("not_json", "", "The message is not JSON.")


def rejected(message, limit=topics.MAX_MESSAGE):
    outputs = Outputs()
    Rejects("reports.rejected", 4, limit).add(outputs, message, WHY)
    [((_, partition), [(key, value, found)])] = outputs.lots.items()
    return partition, key, value, {name: text.decode() for name, text in found}


def test_a_message_without_a_key_goes_by_its_own_partition():
    assert rejected(record(b"x", key=None, partition=6))[:2] == (2, None)


def test_a_message_that_fits_is_kept_whole():
    value = b"x" * (topics.MAX_MESSAGE - OVERHEAD - 1)
    assert rejected(record(value))[2] == value


def test_a_message_too_large_to_keep_is_cut_and_says_where_the_whole_is():
    _, _, value, found = rejected(record(b"x" * topics.MAX_MESSAGE, offset=9, partition=1))
    assert len(value) == KEPT
    assert f"{topics.MAX_MESSAGE} bytes" in found["detail"]
    assert (found["topic"], found["partition"], found["offset"]) == ("reports", "1", "9")


def test_a_key_too_large_to_keep_is_cut():
    _, key, _, _ = rejected(record(b"x", key=b"k" * topics.MAX_MESSAGE))
    assert len(key) < OVERHEAD


def test_headers_stay_small_and_are_always_utf8():
    found = dict(headers(record(b"x"), Why("bad_value", "f" * 5000, "\ud800" * 5000)))
    assert max(len(value) for value in found.values()) <= 1000
    assert found["detail"].decode().startswith("?")
