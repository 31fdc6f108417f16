from __future__ import annotations

from types import SimpleNamespace

import orjson
import pytest

from posko import topics
from streams.correlate import Correlate
from streams.intake import ALL_FAILED, EverythingFails
from streams.names import Names
from streams.turns import Turns
from tests.unit.streams.records import record


class Counting:
    """A state that counts, and fails half-way on reports that say so: what it holds is then worth nothing."""

    def __init__(self, total: int = 0) -> None:
        self.total = total
        self.touched: dict[str, dict] = {}
        self.spoilt = False

    def take(self, report: dict) -> dict:
        self.total += 1
        if report.get("bad"):
            raise ZeroDivisionError
        self.spoilt = self.spoilt or bool(report.get("spoils"))
        matched = {"incident_id": f"i{report['n'] % 3}", "n": report["n"], "total": self.total}
        self.touched[matched["incident_id"]] = matched
        return matched

    def flush(self) -> SimpleNamespace:
        if self.spoilt:
            raise ZeroDivisionError
        incidents, self.touched = list(self.touched.values()), {}
        return SimpleNamespace(incidents=incidents, changelog=[(b"total", b"%d" % self.total), (b"old", None)])


class Held:
    """A batch in hand: what was committed, and a state that is restored from it."""

    def __init__(self, records: list) -> None:
        self.records, self.state = records, Counting()
        self.commits: list[tuple[dict, int]] = []
        self.reloads = 0

    async def commit(self, outputs, last=None) -> None:
        self.commits.append((outputs.lots, last.offset))

    async def reload(self) -> None:
        self.reloads += 1
        logs = [
            lot for lots, _ in self.commits for (topic, _), lot in lots.items() if topic == topics.CORRELATE_CHANGELOG
        ]
        self.state = Counting(int(logs[-1][0][1]) if logs else 0)

    def written(self, topic: str) -> list[tuple]:
        return [row for lots, _ in self.commits for (name, _), lot in lots.items() if name == topic for row in lot]


def batch(*reports: dict | None, partition: int = 3) -> Held:
    values = [None if report is None else orjson.dumps(report) for report in reports]
    return Held([record(value, offset, b"16", topics.ENRICHED, partition) for offset, value in enumerate(values)])


async def handled(*reports: dict | None) -> Held:
    held = batch(*reports)
    await Correlate(Names(), 4, Turns()).handle(held)
    return held


async def test_a_batch_is_one_commit_with_everything_on_its_own_partition():
    held = await handled(*({"n": n} for n in range(10)))
    [(lots, offset)] = held.commits
    assert offset == 9
    assert set(lots) == {(name, 3) for name in (topics.MATCHED, topics.INCIDENTS, topics.CORRELATE_CHANGELOG)}
    assert [orjson.loads(value)["n"] for _, value, _ in held.written(topics.MATCHED)] == list(range(10))
    assert [key for key, _, _ in held.written(topics.INCIDENTS)] == [b"i0", b"i1", b"i2"]


async def test_a_deleted_key_of_the_state_becomes_a_tombstone():
    held = await handled({"n": 1})
    assert (b"old", None, ()) in held.written(topics.CORRELATE_CHANGELOG)


@pytest.mark.parametrize("at", [0, 4, 9], ids=["first", "middle", "last"])
async def test_a_report_the_program_fails_on_is_rejected_alone(at: int):
    held = await handled(*({"n": n, "bad": n == at} for n in range(10)))
    assert [orjson.loads(value)["n"] for _, value, _ in held.written(topics.MATCHED)] == [
        n for n in range(10) if n != at
    ]
    [(_, value, headers)] = held.written(topics.REJECTED)
    assert orjson.loads(value)["n"] == at
    assert dict(headers)["reason"] == b"internal_error"
    assert dict(headers)["topic"] == topics.ENRICHED.encode()


async def test_memory_follows_only_what_was_committed():
    held = await handled(*({"n": n, "bad": n == 6} for n in range(10)))
    assert [orjson.loads(value)["total"] for _, value, _ in held.written(topics.MATCHED)] == list(range(1, 10))
    assert held.state.total == 9


async def test_offsets_are_committed_in_order_and_to_the_end():
    held = await handled(*({"n": n, "bad": n in (2, 7)} for n in range(10)))
    offsets = [offset for _, offset in held.commits]
    assert offsets == sorted(offsets)
    assert offsets[-1] == 9


async def test_a_message_that_is_no_json_does_not_stop_the_partition():
    held = await handled({"n": 1}, None, {"n": 2})
    assert len(held.written(topics.MATCHED)) == 2
    assert held.written(topics.REJECTED)[0][1] is None


async def test_many_failures_in_a_row_stop_the_worker():
    held = batch(*({"n": n, "bad": True} for n in range(ALL_FAILED + 5)))
    with pytest.raises(EverythingFails):
        await Correlate(Names(), 4, Turns()).handle(held)
    assert len(held.written(topics.REJECTED)) == ALL_FAILED - 1


async def test_failures_with_successes_between_them_do_not_stop_the_worker():
    held = await handled(*({"n": n, "bad": n % 2 == 0} for n in range(4 * ALL_FAILED)))
    assert len(held.written(topics.MATCHED)) == 2 * ALL_FAILED
    assert len(held.written(topics.REJECTED)) == 2 * ALL_FAILED


async def test_a_report_that_spoils_the_end_of_its_batch_is_found_and_rejected_alone():
    held = await handled(*({"n": n, "spoils": n == 6} for n in range(10)))
    assert [orjson.loads(value)["n"] for _, value, _ in held.written(topics.MATCHED)] == [
        n for n in range(10) if n != 6
    ]
    assert [orjson.loads(value)["n"] for _, value, _ in held.written(topics.REJECTED)] == [6]


async def test_one_bad_report_costs_few_reloads_however_large_the_batch():
    held = batch(*({"n": n, "bad": n == 700} for n in range(1000)))
    await Correlate(Names(), 4, Turns()).handle(held)
    assert held.reloads == 1
    assert len(held.written(topics.MATCHED)) == 999


async def test_small_batches_in_a_row_that_all_fail_stop_the_worker():
    correlate = Correlate(Names(), 4, Turns())
    for _ in range(ALL_FAILED // 4 - 1):
        await correlate.handle(batch(*({"n": n, "bad": True} for n in range(4))))
    last = batch(*({"n": n, "bad": True} for n in range(4)))
    with pytest.raises(EverythingFails):
        await correlate.handle(last)
    assert len(last.written(topics.REJECTED)) == 3
    with pytest.raises(EverythingFails):
        await correlate.handle(batch({"n": 1, "bad": True}))


async def test_many_bad_reports_in_a_row_are_rejected_when_something_behind_them_works():
    held = await handled(*({"n": n, "bad": n < ALL_FAILED + 5} for n in range(ALL_FAILED + 10)))
    assert len(held.written(topics.REJECTED)) == ALL_FAILED + 5
    assert len(held.written(topics.MATCHED)) == 5
    assert held.state.total == 5
