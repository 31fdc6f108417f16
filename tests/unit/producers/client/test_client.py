"""The client: from the outbox to Kafka in order, whatever Kafka says, across crashes."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast
from uuid import UUID

import pytest

from posko.report import Invalid
from producers.client import Client, Outbox
from producers.client.lane import Group, Lane, Place


class Broker:
    """Stands for a lane to Kafka: takes groups, and settles them when it is told to, or at once."""

    def __init__(self, answers: bool = True, refuses: bytes = b"\0") -> None:
        self.answers, self.refuses = answers, refuses
        self.taken: list[bytes] = []
        self.error = None

    def offer(self, group: Group) -> None:
        self.taken += [message.value for message in group.messages]
        if self.answers:
            for number, message in enumerate(group.messages):
                refused = self.refuses in message.value
                group.outcomes[number] = ValueError("too large") if refused else Place(0, len(self.taken))
            group.settled()

    def stop(self, seconds: float = 0) -> None: ...


def client(path: Path, broker: Broker) -> Client:
    return Client(Outbox(path), cast(Lane, broker))


def report(number: int, **more: Any) -> dict[str, Any]:
    return {
        "report_id": str(UUID(int=number + 1)),
        "category": "logistics",
        "text": f"laporan {number}",
        "reported_at": "2024-11-27T06:10:00+07:00",
        "reporter": {"id": "kpps-1", "role": "kpps", "institution": "kpu"},
        **more,
    }


def test_everything_reaches_kafka_once_and_in_order(tmp_path: Path) -> None:
    broker = Broker()
    with client(tmp_path / "o", broker) as ours:
        for start in range(0, 2000, 100):
            assert ours.put_all(report(number) for number in range(start, start + 100)) == ["kept"] * 100
        assert ours.drain(30)
        assert (ours.sent, ours.waiting, ours.failed) == (2000, 0, 0)
    assert [b'"laporan %d"' % number in value for number, value in enumerate(broker.taken)] == [True] * 2000


def test_what_kafka_did_not_acknowledge_is_sent_by_the_next_client(tmp_path: Path) -> None:
    away = Broker(answers=False)
    with client(tmp_path / "o", away) as ours:
        ours.put_all(report(number) for number in range(50))
        assert not ours.drain(0.05)
        assert ours.waiting == 50
    back = Broker()
    with client(tmp_path / "o", back) as ours:
        assert ours.drain(30)
    assert len(back.taken) == 50


def test_one_refused_report_holds_nobody_up(tmp_path: Path) -> None:
    broker = Broker(refuses=b'"laporan 3"')
    with client(tmp_path / "o", broker) as ours:
        ours.put_all(report(number) for number in range(10))
        assert ours.drain(30)
        assert (ours.sent, ours.failed) == (9, 1)


def test_what_is_no_report_is_refused_at_once_and_conflicts_are_named(tmp_path: Path) -> None:
    with client(tmp_path / "o", Broker(answers=False)) as ours:
        with pytest.raises(Invalid):
            ours.put(report(1, severity=9))
        assert ours.waiting == 0
        assert [ours.put(report(1)), ours.put(report(1)), ours.put(report(1, text="lain"))] == [
            "kept", "there", "conflict",
        ]  # fmt: skip
