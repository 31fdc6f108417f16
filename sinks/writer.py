"""Stores a batch in ClickHouse. Storing the same messages again, by any sink at any time, changes nothing that a select
can see.

A batch stores what people look at: reports and the state of incidents. What nobody misses for a second, such as counts,
resends and logs, is left for `settle`: an insert costs ClickHouse some 10 ms of processor time, however few its rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeAlias, TypeVar

import pyarrow as pa
from clickhouse_connect.driver.client import Client

from posko import crash, metrics
from posko.errors import first_line
from sinks import clickhouse, messages
from sinks.batch import Record
from sinks.clickhouse import Verdict, judge
from sinks.later import COUNTED, Later, latest
from sinks.messages import Incident, LogRow, Matched, Moved, NotificationRow, Rejected

# After this many messages in a row that could not be stored the messages are not to blame.
MOST_IN_A_ROW = 100
_MOVED = ("type", b"moved")  # header of messages that move a report to another incident
_CLAIM = ("report_id", "received_at", "source_partition", "source_offset")
# How many claims these ids have: more than there are ids when one was claimed elsewhere too (schema/0003), or stored
# before. They are asked for by name, so that ClickHouse looks them up in the key instead of reading the table: 10
# instead of 42 ms for 400 ids among 3 million. They go as one text between `$ids$` (a heredoc, which no UUID can end):
# quoting it letter by letter, as the client does for a parameter, took as long as finding them.
_CLAIMS = """SELECT count() FROM posko.report_ids
WHERE report_id IN CAST(splitByChar(' ', $ids$) AS Array(UUID))
SETTINGS max_threads = 1"""
_SUPERSEDE = """INSERT INTO posko.superseded (report_id, received_at, source_partition, source_offset)
SELECT toString(report_id), tupleElement(claimed, 1), tupleElement(claimed, 2), tupleElement(claimed, 3)
FROM
(
    SELECT
        report_id,
        arrayJoin(arrayPopFront(arraySort(groupUniqArray((received_at, source_partition, source_offset))))) AS claimed
    FROM posko.report_ids
    WHERE report_id IN CAST(splitByChar(' ', $ids$) AS Array(UUID))
    GROUP BY report_id
    HAVING count() > 1
)"""
_IDS_AT_ONCE = 20_000
_MERGED_INTO = ("incident_id", "merged_into", "version")
MOST_LOGS_KNOWN = 100_000

Row = TypeVar("Row", Matched, Moved, Incident, Rejected)
Kept: TypeAlias = tuple[Record, Row]
Failure: TypeAlias = tuple[Record, str]


class Refused(Exception):
    """Message after message cannot be stored: something else is wrong. The text says what the last one met."""


class Writer:
    """Writes the three kinds of messages. Errors of ClickHouse that are not about one message's content are raised as
    they are.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._in_a_row = 0
        self._logged: dict[str, int] = {}  # the last entry stored of each incident's log; the latest ones only
        self._later = Later()
        self.refused = 0

    @property
    def left(self) -> int:
        """How many rows wait for `settle`."""
        return len(self._later)

    def matched(self, records: Sequence[Record]) -> None:
        """Store messages of `reports.matched`: claim the ids, note which were claimed before, then the rows."""
        moved = [record for record in records if _MOVED in record.headers]
        if moved:
            records = [record for record in records if _MOVED not in record.headers]
            self._sift(*_decoded(Moved, moved), self._insert_moved)
        rows, failures = _decoded(Matched, records)
        first = [one for one in rows if not one[1].duplicate]
        again = [one for one in rows if one[1].duplicate]
        stored = self._sift(first, failures, self._insert_first, len(again))
        self._later.counted += [row for _, row in stored]  # last: until here all of this may be tried again
        self._later.resends += again

    def incidents(self, records: Sequence[Record]) -> None:
        """Store messages of `incidents`; a null value is a compaction marker and stands for nothing."""
        states, failures = _decoded(Incident, [record for record in records if record.value is not None])
        self._later.add_states(self._sift(list(latest(states).values()), failures, self._insert_incidents))

    def rejected(self, records: Sequence[Record]) -> None:
        """Store messages of `reports.rejected` with their bytes unchanged."""
        self._insert_rejected([_rejected(record) for record in records])

    def settle(self) -> None:
        """Store what batches left for later. Offsets are noted after this, and no batch may be under way during it."""
        left = self._later
        self._sift(left.resends, [], self._insert_resends)
        if left.counted:
            self._insert("counted_in", messages.table(Matched, left.counted, COUNTED))
        self._sift(list(left.states.values()), [], self._insert_logs)
        self._later = Later()

    def _sift(
        self,
        rows: Sequence[Kept[Row]],
        failures: Sequence[Failure],
        insert: Callable[[Sequence[Row]], None],
        fine: int = 0,
    ) -> Sequence[Kept[Row]]:
        """Insert rows, each with its message, and return those that are stored; what cannot be is kept in `rejected`.

        `failures` are messages that gave no row; `fine`: so many others did.
        """
        inserted: list[Row] = [row for _, row in rows]
        sifted: Sifter[Row] = Sifter(insert).sift(inserted)
        bad = {place for place, _ in sifted.failures}
        failures = [*failures, *((rows[place][0], reason) for place, reason in sifted.failures)]
        self._refuse(failures, stored=sifted.stored + fine)
        return [one for place, one in enumerate(rows) if place not in bad] if bad else rows

    def _refuse(self, failures: Sequence[tuple[Record, str]], stored: int) -> None:
        """Keep what could not be stored in `rejected`. Raises Refused when nothing can be stored any more."""
        if stored:
            self._in_a_row = 0
        if not failures:
            return
        self._in_a_row += len(failures)
        if self._in_a_row > MOST_IN_A_ROW:
            record, reason = failures[-1]
            raise Refused(
                f"The last {self._in_a_row} messages could not be stored, the latest {record.topic} partition "
                f"{record.partition} offset {record.offset}: {reason}. Do the versions of the stream workers, the sink "
                "and the tables (posko migrate) belong together?"
            )
        self._insert_rejected([_unstorable(record, reason) for record, reason in failures])
        self.refused += len(failures)
        metrics.SINK_UNSTORABLE.inc(len(failures))

    def _insert_first(self, rows: Sequence[Matched]) -> None:
        self._insert("report_ids", messages.table(Matched, rows, _CLAIM))
        crash.point("sink.ids_claimed")
        self._supersede({row.report_id.lower() for row in rows})
        self._insert("reports_rows", messages.table(Matched, rows, messages.REPORT))

    def _supersede(self, claimed: set[str]) -> None:
        """Note every claim of these ids that is not the first."""
        ids = list(claimed)
        for start in range(0, len(ids), _IDS_AT_ONCE):
            some = ids[start : start + _IDS_AT_ONCE]
            given = {"$ids$": " ".join(some).encode()}
            if self._client.query(_CLAIMS, parameters=given).result_rows[0][0] != len(some):
                self._client.command(_SUPERSEDE, parameters=given)

    def _insert_resends(self, rows: Sequence[Matched]) -> None:
        self._insert("resends_rows", messages.table(Matched, rows, messages.RESEND))

    def _insert_moved(self, rows: Sequence[Moved]) -> None:
        self._insert("report_moves_rows", messages.table(Moved, rows))

    def _insert_incidents(self, rows: Sequence[Incident]) -> None:
        if merged := [state for state in rows if state.merged_into]:
            self._insert("merged_rows", messages.table(Incident, merged, _MERGED_INTO))
        self._insert("incidents_rows", messages.table(Incident, rows, messages.STATE))

    def _insert_logs(self, states: Sequence[Incident]) -> None:
        """Every state repeats its whole log, so that nothing is missing when older states are compacted away in Kafka;
        what this sink has stored of it already is left out.
        """
        new = [(state, self._logged.get(state.incident_id, 0)) for state in states]
        entries = [row for state, after in new for row in messages.log_rows(state, after)]
        if not entries:
            return
        if notices := [row for state, after in new for row in messages.notification_rows(state, after)]:
            self._insert("notifications_rows", messages.table(NotificationRow, notices))
        self._insert("incident_log_rows", messages.table(LogRow, entries))
        for entry in entries:
            self._logged[entry.incident_id] = max(entry.seq, self._logged.pop(entry.incident_id, 0))
        while len(self._logged) > MOST_LOGS_KNOWN:
            del self._logged[next(iter(self._logged))]  # the one that changed longest ago

    def forget(self) -> None:
        """Store logs whole again, and drop what was left for later: the tables may have been emptied, and what is not
        noted is read again.
        """
        self._logged.clear()
        self._later = Later()

    def _insert_rejected(self, rows: Sequence[Rejected]) -> None:
        self._insert("rejected_rows", messages.table(Rejected, rows))

    def _insert(self, table: str, rows: pa.Table) -> None:
        clickhouse.insert(self._client, table, rows)


class Sifter(Generic[Row]):
    """Inserts rows; when ClickHouse refuses the content, halves the rows until the offending ones are found."""

    def __init__(self, insert: Callable[[Sequence[Row]], None]) -> None:
        self._insert: Callable[[Sequence[Row]], None] = insert
        self.stored = 0
        self.failures: list[tuple[int, str]] = []

    def sift(self, rows: Sequence[Row], start: int = 0) -> Sifter[Row]:
        """Insert what can be inserted; `failures` then has the index and the reason of each row that cannot."""
        if not rows or (len(self.failures) > MOST_IN_A_ROW and not self.stored):
            return self  # hopeless: the caller stops
        try:
            self._insert(rows)
        except Exception as error:
            if judge(error) is not Verdict.CONTENT:
                raise
            if len(rows) == 1:
                self.failures.append((start, first_line(error, 500)))
                return self
            middle = len(rows) // 2
            self.sift(rows[:middle], start)
            self.sift(rows[middle:], start + middle)
        else:
            self.stored += len(rows)
        return self


def _decoded(kind: type[Row], records: Sequence[Record]) -> tuple[list[Kept[Row]], list[Failure]]:
    """The rows, each with its message, and the messages that are none, with the reason."""
    decoded = messages.decode(kind, [record.value for record in records])
    rows = [(records[place], row) for place, row in zip(decoded.places, decoded.rows, strict=True)]
    return rows, [(records[place], reason) for place, reason in decoded.failures]


def _rejected(record: Record) -> Rejected:
    """The row of a message of `reports.rejected`; a header that is missing or no number falls back to the message's own
    place.
    """
    headers = {name: value.decode(errors="replace") for name, value in record.headers}
    own = not all(headers.get(name, "").isdecimal() for name in ("partition", "offset")) or not headers.get("topic")
    received_at = headers.get("received_at", "")
    return Rejected(
        topic=record.topic if own else headers["topic"],
        partition=record.partition if own else int(headers["partition"]),
        offset=record.offset if own else int(headers["offset"]),
        received_at=int(received_at) if received_at.isdecimal() else record.timestamp,
        reason=headers.get("reason", ""),
        field=headers.get("field", ""),
        detail=headers.get("detail", ""),
        key=record.key,
        raw=record.value,
        traceback=headers.get("traceback", ""),
    )


def _unstorable(record: Record, reason: str) -> Rejected:
    return Rejected(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        received_at=record.timestamp,
        reason="not_storable",
        field="",
        detail=reason,
        key=record.key,
        raw=record.value,
    )
