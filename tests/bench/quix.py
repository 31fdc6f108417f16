"""The same domain functions in Quix Streams, with its own recommended settings.

    PYTHONPATH=. python -m tests.bench.quix JOB      in the environment of tests/bench/peers.txt

Quix Streams handles message by message. So a Correlator lives in memory for each partition, and each report's changes
go one by one into Quix's state store, which writes its changelog topic: what recovery would be made from.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import orjson
from quixstreams import Application, State, message_context
from quixstreams.models.serializers.base import SerializationContext, Serializer

from posko import context, report, topics
from posko.correlate import Correlator
from posko.intake import Intake
from tests.bench.job import CORRELATE, INTAKE, PARSE, QUERYABLE, Job, noted

Three = tuple[bytes, bytes, bytes]  # incident id, matched report, incident (empty when nothing about it changed)


class Item(Serializer):
    """Writes one item of a tuple."""

    def __init__(self, index: int) -> None:
        super().__init__()
        self._index = index

    def __call__(self, value: Any, ctx: SerializationContext) -> bytes:
        return value[self._index]


def first(value: tuple[bytes, ...]) -> bytes:
    return value[0]


def application(job: Job, on_message: Callable[[str, int, int], None] | None = None) -> Application:
    quicker = {"commit_interval": 0.5} if job.row == QUERYABLE else {}  # else the last rows would wait for five seconds
    return Application(
        broker_address=job.kafka,
        consumer_group=job.prefix + "group",
        auto_offset_reset="earliest",
        processing_guarantee=job.guarantee,
        state_dir=os.path.join(job.folder, "state"),
        loglevel="WARNING",
        on_message_processed=on_message,
        **quicker,
    )


class Pipeline:
    """The dataframes of one row."""

    def __init__(self, job: Job, app: Application) -> None:
        self._job, self._app = job, app
        known = context.load(job.election)
        self._enrich = noted(Intake(known.election, known.catalog, known.regions).enrich)
        self._states = {number: Correlator(known.catalog) for number in range(job.partitions)}

    def parse(self) -> None:
        parse = noted(report.parse)
        self._read(self._job.reports).apply(parse)

    def intake(self) -> None:
        out = self._app.topic(self._job.topic(topics.ENRICHED), value_serializer=Item(1), key_serializer="bytes")
        self._read(self._job.reports).apply(self._enriched, metadata=True).to_topic(out, key=first)

    def correlate(self, source: str) -> None:
        matched = self._app.topic(self._job.topic(topics.MATCHED), value_serializer=Item(1), key_serializer="bytes")
        incidents = self._app.topic(self._job.topic(topics.INCIDENTS), value_serializer=Item(2), key_serializer="bytes")
        found = self._read(source).apply(noted(self._correlated), stateful=True)
        found.to_topic(matched, key=first)
        found[found.apply(lambda three: bool(three[2]))].to_topic(incidents, key=first)

    def _read(self, topic: str) -> Any:
        return self._app.dataframe(self._app.topic(topic, value_deserializer="bytes", key_deserializer="bytes"))

    def _enriched(self, raw: bytes, key: bytes, timestamp: int, headers: object) -> tuple[bytes, bytes]:
        where = message_context()
        enriched = self._enrich(raw, timestamp, where.partition, where.offset)
        return enriched["scope"].encode(), orjson.dumps(enriched)

    def _correlated(self, raw: bytes, state: State) -> Three:
        correlator = self._states[message_context().partition]
        message = correlator.take(orjson.loads(raw))
        outcome = correlator.flush()
        for key, value in outcome.changelog:
            if value is None:
                state.delete(key)
            else:
                state.set_bytes(key, value)
        incident = orjson.dumps(outcome.incidents[-1]) if outcome.incidents else b""
        return message["incident_id"].encode(), orjson.dumps(message), incident


def main() -> None:
    job = Job.given()
    handled = 0

    def count(*_: object) -> None:
        nonlocal handled
        handled += 1
        if handled == job.count and job.row != QUERYABLE:
            app.stop()  # which commits

    app = application(job, count)
    pipeline = Pipeline(job, app)
    if job.row == PARSE:
        pipeline.parse()
    if job.row in (INTAKE, QUERYABLE):
        pipeline.intake()
    if job.row == CORRELATE:
        pipeline.correlate(job.enriched)
    if job.row == QUERYABLE:
        pipeline.correlate(job.topic(topics.ENRICHED))
    app.run()


if __name__ == "__main__":
    main()
