"""What the writer promises about the tables, against the real engine."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

import pytest
from clickhouse_connect.driver.client import Client

from posko.settings import Settings
from sinks.writer import MOST_IN_A_ROW, Refused, Writer
from tests.integration.sink_tables import content, empty, one
from tests.unit.sinks.examples import RECEIVED, Message, incident, matched, records, rejection, report_id


@pytest.fixture
def client(engine: Settings) -> Iterator[Client]:
    with empty(engine) as client:
        yield client


def mixed() -> list[Message]:
    """Forty reports, two of them sent again, one of those with other content."""
    messages = [matched(number) for number in range(40)]
    messages.append(matched(50, report_id=report_id(3), duplicate=True, match="resent"))
    messages.append(matched(51, report_id=report_id(4), duplicate=True, conflict=True, match="resent"))
    return records("reports.matched", messages)


def states() -> list[Message]:
    return records("incidents", [incident(number, version) for version in (1, 2, 3) for number in range(5)])


def test_the_same_batches_twice_give_the_same_rows_everywhere(client: Client) -> None:
    writer = Writer(client)
    rejected = [rejection(number, b"\x00not json") for number in range(3)]
    writer.matched(mixed())
    writer.incidents(states())
    writer.rejected(rejected)
    writer.settle()
    once = content(client)
    for half in (slice(0, 20), slice(10, None)):
        writer.matched(mixed()[half])
    writer.incidents(states()[:7])
    writer.incidents(states())
    writer.rejected(rejected)
    writer.settle()
    assert content(client) == once
    assert {view: len(rows) for view, rows in once.items() if view != "reports_by_minute"} == {
        "reports": 40,
        "resends": 2,
        "incidents": 5,
        "incident_log": 15,
        "notifications": 0,
        "rejected": 3,
    }
    assert one(client, "SELECT sum(reports) FROM posko.reports_by_minute") == 40


def test_what_a_killed_sink_left_for_later_is_stored_by_the_one_that_reads_the_batch_again(client: Client) -> None:
    for writer in (Writer(client), Writer(client)):
        writer.matched(mixed())
        writer.incidents(states())
        assert one(client, "SELECT count() FROM posko.reports") == 40
        assert one(client, "SELECT count() FROM posko.incidents") == 5
        assert [one(client, f"SELECT count() FROM posko.{view}") for view in ("resends", "incident_log")] == [0, 0]
    writer.settle()
    assert writer.left == 0
    assert [one(client, f"SELECT count() FROM posko.{view}") for view in ("resends", "incident_log")] == [2, 15]
    assert one(client, "SELECT sum(reports) FROM posko.reports_by_hour") == 40


def test_repeats_stay_one_row_after_parts_are_merged(client: Client) -> None:
    writer = Writer(client)
    for _ in range(3):
        writer.matched(mixed())
        writer.settle()
    for table in ("reports_rows", "reports_by_minute_rows", "reports_by_hour_rows", "report_ids"):
        client.command(f"OPTIMIZE TABLE posko.{table} FINAL")
    assert one(client, "SELECT count() FROM posko.reports") == 40
    assert one(client, "SELECT sum(reports) FROM posko.reports_by_minute") == 40
    assert one(client, "SELECT sum(reports) FROM posko.reports_by_hour") == 40


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_an_id_that_comes_out_of_several_scopes_shows_once_and_the_first_received_wins(
    client: Client, order: tuple[int, ...]
) -> None:
    same = [
        matched(1, report_id=report_id(1), received_at=RECEIVED + 5, regency="16.02", source_partition=0),
        matched(1, report_id=report_id(1), received_at=RECEIVED + 1, regency="16.03", source_partition=1),
        matched(1, report_id=report_id(1), received_at=RECEIVED + 1, regency="16.71", source_partition=2),
    ]
    for place in order:
        writer = Writer(client)
        writer.matched(records("reports.matched", [same[place], matched(20 + place)]))
        writer.settle()
        assert one(client, f"SELECT count() FROM posko.reports WHERE report_id = '{report_id(1)}'") == 1
    assert one(client, f"SELECT regency FROM posko.reports WHERE report_id = '{report_id(1)}'") == "16.03"
    for counts in ("reports_by_minute", "reports_by_hour"):
        assert one(client, f"SELECT sum(reports) FROM posko.{counts}") == 4
    assert one(client, "SELECT count() FROM posko.reports") == 4
    assert one(client, "SELECT count() FROM posko.resends WHERE conflict") == 2


def test_an_older_state_that_comes_late_changes_nothing(client: Client) -> None:
    writer = Writer(client)
    writer.incidents(records("incidents", [incident(1, 5, status="resolved")]))
    writer.incidents(records("incidents", [incident(1, 2), None]))
    writer.settle()
    assert client.query("SELECT version, status FROM posko.incidents").result_rows == [(5, "resolved")]
    assert one(client, "SELECT groupArray(seq) FROM posko.incident_log") == [1, 2, 3, 4, 5]


def test_rejected_bytes_come_back_unchanged(client: Client) -> None:
    values = [bytes(range(256)), None, b"", "ñ\n\t'".encode(), b"x" * 2_000_000]
    Writer(client).rejected([rejection(number, value) for number, value in enumerate(values)])
    found = client.query("SELECT hex(raw) FROM posko.rejected ORDER BY offset").result_rows
    assert [None if text is None else bytes.fromhex(text) for (text,) in found] == values
    row = client.query(
        "SELECT topic, partition, offset, reason, detail FROM posko.rejected ORDER BY offset"
    ).result_rows[0]
    assert row == ("reports", 1, 0, "not_json", "Not JSON.")


@pytest.mark.parametrize(
    "bad",
    [b"garbage", matched(1, severity="berat"), matched(1, report_id="no-uuid-but-thirty-six-characters-lo")],
    ids=["not json", "wrong type", "refused by ClickHouse"],
)
def test_a_message_that_cannot_be_stored_is_kept_in_rejected_and_the_others_are_stored(
    client: Client, bad: object
) -> None:
    good = [matched(number) for number in range(10, 30)]
    Writer(client).matched(records("reports.matched", [*good[:7], bad, *good[7:]], start=100))
    assert one(client, "SELECT count() FROM posko.reports") == 20
    ((topic, offset, reason, detail),) = client.query(
        "SELECT topic, offset, reason, detail FROM posko.rejected"
    ).result_rows
    assert (topic, offset, reason) == ("reports.matched", 107, "not_storable")
    assert detail


def test_when_nothing_can_be_stored_the_writer_stops_instead_of_rejecting_everything(client: Client) -> None:
    writer = Writer(client)
    with pytest.raises(Refused, match=r"reports\.matched partition 0 offset"):
        writer.matched(records("reports.matched", [b"garbage"] * (MOST_IN_A_ROW + 1)))
    assert one(client, "SELECT count() FROM posko.rejected") == 0
