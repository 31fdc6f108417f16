"""The sender keeps what Kafka acknowledged, and does not run ahead of the blows that are to come."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from producers.simulator.message import Message
from tests.chaos import ledger
from tests.chaos.ledger import Ledger, Sent
from tests.chaos.sender import Gate

REPORT = Message(0, b"k", b"value", "r1", "E1", "marked", "accepted", "late", "security", "brawl", "", "")
GARBAGE = REPORT._replace(value=None, report_id=None, expected="rejected", reason="empty")


def test_a_ledger_tells_what_kafka_has_and_what_should_become_of_it(tmp_path: Path) -> None:
    with Ledger(tmp_path / "sent") as kept:
        kept.acknowledged(REPORT, 3, 17)
        kept.acknowledged(GARBAGE, 0, -1)
    assert kept.count == 2
    assert list(ledger.read(tmp_path / "sent")) == [
        Sent("r1", ledger.digest(b"value"), 3, 17, ""),  # a mark is no reason to be rejected
        Sent(None, "", 0, -1, "empty"),
    ]


def test_a_refused_message_ends_the_run(tmp_path: Path) -> None:
    with Ledger(tmp_path / "sent") as kept, pytest.raises(RuntimeError, match="Kafka refused a message"):
        kept.refused(REPORT, ValueError("too large"))


def test_a_gate_lets_so_many_through_as_it_was_last_told() -> None:
    gate, passed = Gate(), threading.Event()

    def pass_three() -> None:
        for number in (1, 2, 3):
            gate.wait(number)
        passed.set()

    waiting = threading.Thread(target=pass_three, daemon=True)
    waiting.start()
    gate.follow(["2\n"])
    assert not passed.is_set()
    gate.follow(["5\n"])
    waiting.join(10)
    assert passed.is_set()
