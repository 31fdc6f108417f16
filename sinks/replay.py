"""Send rejected messages again, each once, whatever dies meanwhile.

A lot of messages is first noted as about to be sent, with the present ends of the partitions they go to; then sent,
each with a header that names it; then noted as sent. When the command dies in between, the next one looks for the
header from those ends on, and so knows which of the lot arrived.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from clickhouse_connect.driver.client import Client
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError

from posko import topics
from sinks import clickhouse, rejected
from sinks.rejected import Content, Filter, Place, Rejected

HEADER = "replay"
SENDING, SENT, NEVER = 1, 2, 3
ANSWER_S = 30.0
CUT = "Cut: "  # begins the note in `detail` about a value of which only the beginning is kept


class ReplayError(Exception):
    """Messages could not be sent again; the text says which and why."""


@dataclass(frozen=True)
class Step:
    """A row of `replayed_rows`: what is known of sending one message in one run."""

    place: Place
    run: str
    step: int
    to_partition: int
    to_offset: int

    @property
    def mark(self) -> bytes:
        """The header's value."""
        return f"{self.run} {self.place}".encode()


class Replay:
    """One run of the command. A context manager."""

    def __init__(self, client: Client, bootstrap: str) -> None:
        self._client = client
        self._bootstrap = bootstrap.split(",")
        self._run = uuid.uuid4().hex
        try:
            self._reader = KafkaConsumer(
                bootstrap_servers=self._bootstrap, enable_auto_commit=False, bootstrap_timeout_ms=int(ANSWER_S * 1000)
            )
        except (KafkaError, OSError) as error:
            raise ReplayError(f"Kafka at {bootstrap} does not answer: {error}") from error
        self._producer = KafkaProducer(
            bootstrap_servers=self._bootstrap,
            client_id="posko-replay",
            enable_idempotence=True,
            acks="all",
            compression_type="gzip",
            max_request_size=topics.MAX_MESSAGE,
            allow_auto_create_topics=False,
        )

    def __enter__(self) -> Replay:
        return self

    def __exit__(self, *_: object) -> None:
        self._producer.close(timeout=5)
        self._reader.close(autocommit=False)

    def recover(self) -> int:
        """Find out what became of messages that an earlier run was about to send; how many of them had arrived."""
        rows = self._client.query(
            "SELECT topic, partition, offset, run, to_partition, to_offset "
            "FROM posko.replayed_rows FINAL WHERE step = 1"
        ).result_rows
        open_ = [Step(Place(*row[:3]), row[3], SENDING, *row[4:]) for row in rows]
        arrived = self._arrived(open_)
        self._note([_after(step, arrived.get(step.mark)) for step in open_])
        return len(arrived)

    def send(self, wanted: Filter, limit: int = 0, moved: Callable[[int], None] = lambda _: None) -> int:
        """Send what fits again; how many messages these were. `moved` is told the number of each lot.

        Raises ReplayError, KafkaError and errors of ClickHouse; what was sent until then is remembered.
        """
        sent = 0
        for lot in rejected.lots(self._client, wanted, limit):
            self._lot(lot)
            sent += len(lot)
            moved(len(lot))
        return sent

    def _lot(self, lot: Sequence[Rejected]) -> None:
        contents = rejected.contents(self._client, [row.place for row in lot])
        values = {row.place: self._whole(row, contents[row.place]) for row in lot}
        ends = self._ends({TopicPartition(row.topic, row.partition) for row in lot})
        steps = [
            Step(row.place, self._run, SENDING, row.partition, ends[TopicPartition(row.topic, row.partition)])
            for row in lot
        ]
        self._note(steps)
        futures = [(step, self._hand_over(step, values[step.place])) for step in steps]
        self._producer.flush(timeout=ANSWER_S * 4)
        done, refused = [], []
        for step, future in futures:
            try:
                done.append(_after(step, future.get(timeout=ANSWER_S).offset))
            except KafkaError as error:
                refused.append(f"{step.place}: {error}")
        self._note(done)
        if refused:
            raise ReplayError(f"{len(refused)} messages were not acknowledged, the first {refused[0]}")

    def _hand_over(self, step: Step, content: Content) -> Any:
        return self._producer.send(
            step.place.topic,
            value=content.value,
            key=content.key,
            partition=step.to_partition,
            headers=[(HEADER, step.mark)],
        )

    def _whole(self, row: Rejected, content: Content) -> Content:
        """The message as it came; from its own topic when it was too large to be kept whole."""
        if CUT not in row.detail:
            return content
        tp = TopicPartition(row.topic, row.partition)
        for record in self._from({tp: row.offset}, {tp: row.offset + 1}):
            if record.offset == row.offset:
                return Content(record.key, record.value)
        raise ReplayError(f"{row.place} was too large to be kept whole, and is no longer in its topic")

    def _ends(self, wanted: set[TopicPartition]) -> dict[TopicPartition, int]:
        missing = {tp for tp in wanted if tp.partition not in (self._reader.partitions_for_topic(tp.topic) or ())}
        if missing:
            named = ", ".join(sorted(f"{tp.topic} partition {tp.partition}" for tp in missing))
            raise ReplayError(f"Kafka at {','.join(self._bootstrap)} has no {named}")
        return dict(self._reader.end_offsets(sorted(wanted)))

    def _arrived(self, steps: Sequence[Step]) -> dict[bytes, int]:
        """The offsets of those that are in Kafka, by their marks."""
        starts: dict[TopicPartition, int] = {}
        for step in steps:
            tp = TopicPartition(step.place.topic, step.to_partition)
            starts[tp] = min(step.to_offset, starts.get(tp, step.to_offset))
        marks, found = {step.mark for step in steps}, {}
        for record in self._from(starts, self._ends(set(starts)) if starts else {}):
            for name, value in record.headers:
                if name == HEADER and value in marks:
                    found[value] = record.offset
        return found

    def _from(self, starts: dict[TopicPartition, int], ends: dict[TopicPartition, int]) -> Iterable[Any]:
        self._reader.assign(sorted(starts))
        for tp, offset in starts.items():
            self._reader.seek(tp, offset)
        while any(self._reader.position(tp) < ends[tp] for tp in starts):
            for records in self._reader.poll(500).values():
                yield from records

    def _note(self, steps: Sequence[Step]) -> None:
        if not steps:
            return
        columns: dict[str, list[Any]] = defaultdict(list)
        for step in steps:
            for name in ("topic", "partition", "offset"):
                columns[name].append(getattr(step.place, name))
            for name in ("run", "step", "to_partition", "to_offset"):
                columns[name].append(getattr(step, name))
        types = {"partition": pa.uint32(), "to_partition": pa.uint32(), "step": pa.uint8()}
        types |= {"offset": pa.uint64(), "to_offset": pa.uint64()}
        arrays = {name: pa.array(values, types.get(name, pa.string())) for name, values in columns.items()}
        clickhouse.insert(self._client, "replayed_rows", pa.table(arrays))


def _after(step: Step, arrived_at: int | None) -> Step:
    """What is known when it is known whether, and where, the message arrived."""
    if arrived_at is None:
        return Step(step.place, step.run, NEVER, step.to_partition, step.to_offset)
    return Step(step.place, step.run, SENT, step.to_partition, arrived_at)
