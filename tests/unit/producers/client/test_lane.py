"""The thread between whoever has messages and Kafka."""

from __future__ import annotations

import threading

import pytest

from producers.client.lane import Group, Lane, Message
from producers.connection import Closed, connect

NOBODY = "127.0.0.1:1"


def test_a_lane_that_is_stopped_no_longer_looks_for_kafka(capsys: pytest.CaptureFixture[str]) -> None:
    before = set(threading.enumerate())
    lane = Lane.to(NOBODY, "reports", 1)
    lane.offer(Group([Message(b"{}", None)], settled=lambda: pytest.fail("nobody acknowledged it")))
    lane.stop(0.1)
    assert set(threading.enumerate()) <= before
    assert lane.error is None


def test_closing_ends_the_wait_for_kafka() -> None:
    ended = threading.Event()
    ended.set()
    with pytest.raises(Closed):
        connect(NOBODY, "reports", 1, ended)
