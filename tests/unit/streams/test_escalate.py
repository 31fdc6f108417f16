"""A clock record is written when something is due, once, and again only when it had no effect."""

from __future__ import annotations

import json

from streams.escalate import AGAIN_MS, Escalate
from streams.names import Names


class Partition:
    def __init__(self, due: int | None) -> None:
        self.due = due

    def next_due(self) -> int | None:
        return self.due


def test_a_record_for_each_partition_in_which_something_is_due():
    now = [100.0]
    held = {0: Partition(99_000), 1: Partition(100_001), 2: Partition(None), 3: Partition(100_000)}
    escalations = Escalate("nowhere:1", Names(), held.items, lambda: now[0])

    assert {partition: json.loads(value) for partition, value in escalations.due().items()} == {
        0: {"type": "tick", "at": 100_000},
        3: {"type": "tick", "at": 100_000},
    }
    assert escalations.due() == {}, "they are on their way"
    now[0] = 101.0
    held[0].due = 100_500  # it had its effect, and the next is due already
    assert sorted(escalations.due()) == [0, 1]
    now[0] = 100.0 + AGAIN_MS / 1000
    assert sorted(escalations.due()) == [3]
