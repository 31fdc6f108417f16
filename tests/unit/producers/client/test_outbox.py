"""The outbox: durable, bounded, one message an id."""

from __future__ import annotations

from pathlib import Path

import pytest

from producers.client.outbox import Outbox, OutboxFull


def test_what_was_put_is_there_after_a_crash_until_kafka_has_it(tmp_path: Path) -> None:
    first = Outbox(tmp_path / "o.sqlite3")
    assert first.put([("a", b"k", b"1"), ("b", b"k", b"2"), ("c", b"k", b"3")]) == ["kept"] * 3
    after_the_crash = Outbox(tmp_path / "o.sqlite3")  # the first one was never closed
    messages = after_the_crash.after(0, 2)
    assert [(one.id, one.value) for one in messages] == [("a", b"1"), ("b", b"2")]
    after_the_crash.sent(messages)
    assert [one.id for one in Outbox(tmp_path / "o.sqlite3").after(0, 10)] == ["c"]
    assert len(after_the_crash) == 1


def test_an_id_waits_once_and_other_content_is_a_conflict(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "o.sqlite3")
    assert outbox.put([("a", b"", b"1"), ("a", b"", b"1"), ("a", b"", b"2")]) == ["kept", "there", "conflict"]
    outbox.sent(outbox.after(0, 10))
    assert len(outbox) == 0
    assert outbox.put([("a", b"", b"1")]) == ["kept"]  # what Kafka has is forgotten: sending it again is harmless


def test_it_takes_no_more_than_it_may_and_then_all_or_none(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "o.sqlite3", most_bytes=10)
    outbox.put([("a", b"", b"123456")])
    with pytest.raises(OutboxFull):
        outbox.put([("b", b"", b"1"), ("c", b"", b"12345")])
    assert [one.id for one in outbox.after(0, 10)] == ["a"]
    outbox.sent(outbox.after(0, 10))
    assert outbox.put([("b", b"", b"1"), ("c", b"", b"12345")]) == ["kept", "kept"]
    with pytest.raises(OutboxFull):
        Outbox(tmp_path / "o.sqlite3", most_bytes=10).put([("d", b"", b"12345")])


def test_what_kafka_refuses_is_kept_apart_with_the_reason(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "o.sqlite3")
    outbox.put([("a", b"", b"1"), ("b", b"", b"2")])
    [first, _] = outbox.after(0, 10)
    outbox.refuse(first, "too large")
    assert outbox.refused() == [("a", "too large")]
    assert [one.id for one in outbox.after(0, 10)] == ["b"]
