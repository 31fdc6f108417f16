"""What the sink counts of how long reports took."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from posko import buckets, metrics, passage
from sinks import passages, queries
from sinks.passages import HOPS, Lot, Passages

NOW = 1_732_665_600_000
WHOLE = {
    "send": 10,
    "intake_wait": 20,
    "intake": 20,
    "correlate_wait": 50,
    "correlate": 100,
    "sink_wait": 200,
    "store": 400,
}


class Matched:
    """A record of `reports.matched` whose hops take as long as in WHOLE."""

    def __init__(self, headers=None, timestamp=NOW + 200):
        self.timestamp = timestamp
        if headers is None:
            first = passage.read_by_intake([passage.sent(NOW)], NOW + 10, NOW + 30)
            headers = [passage.read_by_correlate([first], NOW + 50, NOW + 100)]
        self.headers = headers


def counted(*records, began=0, outcome="matched") -> dict[str, list[int]]:
    """For each hop the last millisecond of each report's bucket."""
    kept = Passages()
    kept.add([Lot(outcome, records, [(len(records), NOW + 400)])], began, NOW + 800)
    return {
        hop: [int(most) for most, count in zip(buckets.MOST, counts, strict=True) for _ in range(count)]
        for (_, _, hop), counts in kept.take().items()
    }


def test_each_hop_is_counted_with_its_own_duration():
    wanted = {**WHOLE, "since_received": 790, "total": 800}
    found = counted(Matched())
    assert {hop: len(values) for hop, values in found.items()} == dict.fromkeys(HOPS, 1)
    assert all(wanted[hop] <= values[0] <= wanted[hop] * buckets.FACTOR for hop, values in found.items())


def test_the_whole_is_never_shorter_than_a_part():
    found = counted(Matched())
    assert all(found["total"] >= values for values in found.values())


@pytest.mark.parametrize("headers", [[], [("t", b"garbage")], [("t", b"")], [("t", b"\xff" * 40)]])
def test_a_report_without_times_counts_where_its_way_is_known(headers):
    assert counted(Matched(headers)).keys() == {"sink_wait", "store"}


def test_a_rejected_message_has_not_passed_correlate():
    kept = passage.read_by_intake([passage.sent(NOW)], NOW + 10, NOW + 30)
    found = counted(Matched([("reason", b"empty"), kept]), outcome="rejected")
    assert found.keys() == HOPS.keys() - {"intake", "correlate_wait", "correlate"}


def test_what_is_stored_again_after_a_rebuild_is_left_out():
    assert counted(Matched(), Matched(timestamp=NOW + 300), began=NOW + 250).get("total") == [buckets.MOST[
        np.searchsorted(buckets.FROM, 800, side="right") - 1
    ]]  # fmt: skip


def test_records_read_at_different_times_are_told_apart():
    lot = Lot("matched", [Matched(), Matched(), Matched()], [(1, NOW + 300), (2, NOW + 500)])
    assert list(passages.table(lot, NOW + 800)[:, -2] - NOW) == [300, 500, 500]


def test_what_cannot_be_written_is_written_with_the_next():
    kept, written = Passages(), []

    def refuse(_):
        raise OSError("away")

    for insert in (refuse, written.append, written.append):
        kept.add([Lot("matched", [Matched()], [(1, NOW + 400)])], 0, NOW + 800)
        passages.write(kept, insert)
    assert [sum(counts.sum() for counts in each.values()) for each in written] == [2 * len(HOPS), len(HOPS)]
    passages.write(kept, refuse)  # nothing is left: ClickHouse is not asked


def test_rows_have_a_line_for_each_bucket_that_counted_something():
    kept = Passages()
    kept.add([Lot("matched", [Matched(), Matched()], [(2, NOW + 400)])], 0, NOW + 800)
    rows = passages.rows(kept.take()).to_pylist()
    assert len(rows) == len(HOPS)
    assert {row["reports"] for row in rows} == {2}
    assert {row["at"] for row in rows} == {NOW // 1000 // passages.WINDOW_S * passages.WINDOW_S}


def test_memory_is_bounded_while_nothing_can_be_written():
    kept = Passages()
    for window in range(3 * passages.WINDOWS):
        kept.add([Lot("matched", [Matched()], [(1, NOW)])], 0, NOW + window * passages.WINDOW_S * 1000)
    assert len(kept.take()) <= passages.WINDOWS * 2 * len(HOPS)


def test_prometheus_gets_the_same_counts():
    registry, kept = CollectorRegistry(), Passages()
    kept.add([Lot("matched", [Matched()], [(1, NOW + 400)])], 0, NOW + 800)
    metrics.pulled(registry, kept.families)
    [family] = text_string_to_metric_families(generate_latest(registry).decode())
    total = [sample for sample in family.samples if sample.labels.get("hop") == "total"]
    assert [sample.value for sample in total if sample.name.endswith("_count")] == [1.0]
    below = {float(sample.labels["le"]): sample.value for sample in total if sample.name.endswith("_bucket")}
    assert below[min(le for le in below if le >= 0.96)] == 1.0
    assert below[max(le for le in below if le < 0.8)] == 0.0


def test_hops_are_documented_and_asked_for_in_their_order():
    told = (Path(__file__).parents[3] / "docs" / "tables.md").read_text()
    assert [hop for hop in HOPS if f"`{hop}`" not in told] == []
    assert ", ".join(f"'{hop}'" for hop in HOPS) in queries.load("latency").sql
