"""Stores a batch in ClickHouse. Storing the same messages again, by any sink at any time, changes nothing that a select
can see.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import pyarrow as pa
from clickhouse_connect.driver.client import Client

from posko import crash, metrics
from sinks import messages
from sinks.batch import Record
from sinks.clickhouse import Verdict, judge
from sinks.messages import Incident, Matched, Moved, Rejected

# After this many messages in a row that could not be stored the messages are not to blame.
MOST_IN_A_ROW = 100
_MOVED = ("type", b"moved")  # header of messages that move a report to another incident
_CLAIM = ("report_id", "received_at", "source_partition", "source_offset")
# The ids of one claim that were claimed before, by whom and when: all but the first are superseded (schema/0003).
_SUPERSEDE = """INSERT INTO posko.superseded (report_id, received_at, source_partition, source_offset)
SELECT toString(report_id), tupleElement(claimed, 1), tupleElement(claimed, 2), tupleElement(claimed, 3)
FROM
(
    SELECT
        report_id,
        arrayJoin(arrayPopFront(arraySort(groupUniqArray((received_at, source_partition, source_offset))))) AS claimed
    FROM posko.report_ids
    WHERE report_id IN (SELECT report_id FROM posko.report_ids WHERE claim = {claim:UInt64})
    GROUP BY report_id
    HAVING min(source_offset) != max(source_offset) OR min(source_partition) != max(source_partition)
)
             """

_VIEWS = {"parallel_view_processing": 1}  # the views of one insert side by side: 46 instead of 56 ms for 100 rows

Row = TypeVar("Row", Matched, Moved, Incident, Rejected)


class Refused(Exception):
    """Message after message cannot be stored: something else is wrong. The text says what the last one met."""


class Writer:
    """Writes the three kinds of messages. Errors of ClickHouse that are not about one message's content are raised as
    they are.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._in_a_row = 0
        self.refused = 0

    def matched(self, records: Sequence[Record]) -> None:
        """Store messages of `reports.matched`: claim the ids, note which were claimed before, then the rows."""
        moved = [record for record in records if _MOVED in record.headers]
        if moved:
            records = [record for record in records if _MOVED not in record.headers]
            self._store(Moved, moved, self._insert_moved)
        self._store(Matched, records, self._insert_matched)

    def incidents(self, records: Sequence[Record]) -> None:
        """Store messages of `incidents`; a null value is a compaction marker and stands for nothing."""
        self._store(Incident, [record for record in records if record.value is not None], self._insert_incidents)

    def rejected(self, records: Sequence[Record]) -> None:
        """Store messages of `reports.rejected` with their bytes unchanged."""
        self._insert_rejected([_rejected(record) for record in records])

    def _store(self, kind: type[Row], records: Sequence[Record], insert: Callable[[Sequence[Row]], None]) -> None:
        decoded = messages.decode(kind, [record.value for record in records])
        failures = [(records[place], reason) for place, reason in decoded.failures]
        kept = Sifter(insert).sift(decoded.rows)
        failures += [(records[decoded.places[place]], reason) for place, reason in kept.failures]
        self._refuse(failures, stored=kept.stored)

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

    def _insert_matched(self, rows: Sequence[Matched]) -> None:
        claims = [row for row in rows if not row.duplicate]
        if claims:
            claim = secrets.randbits(63)
            ids = messages.table(Matched, claims, _CLAIM).append_column(
                "claim", pa.array([claim] * len(claims), pa.uint64())
            )
            self._client.insert_arrow("report_ids", ids, database="posko")
            crash.point("sink.ids_claimed")
            self._client.command(_SUPERSEDE, parameters={"claim": claim})
        self._client.insert_arrow("matched_in", messages.table(Matched, rows), database="posko", settings=_VIEWS)

    def _insert_moved(self, rows: Sequence[Moved]) -> None:
        self._client.insert_arrow("report_moves_rows", messages.table(Moved, rows), database="posko")

    def _insert_incidents(self, rows: Sequence[Incident]) -> None:
        latest: dict[str, Incident] = {}
        for row in rows:  # each state is complete, so only the latest of a batch is worth storing
            if row.incident_id not in latest or row.version >= latest[row.incident_id].version:
                latest[row.incident_id] = row
        states = messages.table(Incident, list(latest.values()))
        self._client.insert_arrow("incidents_in", states, database="posko", settings=_VIEWS)

    def _insert_rejected(self, rows: Sequence[Rejected]) -> None:
        self._client.insert_arrow("rejected_rows", messages.table(Rejected, rows), database="posko")


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
                self.failures.append((start, str(error).splitlines()[0][:500]))
                return self
            middle = len(rows) // 2
            self.sift(rows[:middle], start)
            self.sift(rows[middle:], start + middle)
        else:
            self.stored += len(rows)
        return self


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
