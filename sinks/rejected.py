"""Rejected messages as operators look for them: filters, rows, one message with its bytes."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from clickhouse_connect.driver.client import Client

LOT = 500  # rows fetched at once
LOT_BYTES = 16 << 20  # of values fetched at once; one larger message still comes
_AGO = re.compile(r"(\d+)\s*(s|m|min|h|d)")
_UNITS = {"s": "seconds", "m": "minutes", "min": "minutes", "h": "hours", "d": "days"}
_REPLAYS = """
LEFT JOIN
(
    SELECT topic, partition, offset, count() AS replays FROM posko.replayed GROUP BY topic, partition, offset
) AS sent USING (topic, partition, offset)
"""


class BadFilter(ValueError):
    """A filter cannot be understood; the text says which and what to write."""


@dataclass(frozen=True)
class Place:
    """Where the message was when it was rejected; it names the message."""

    topic: str
    partition: int
    offset: int

    @classmethod
    def of(cls, text: str) -> Place:
        """From TOPIC/PARTITION/OFFSET. Raises BadFilter."""
        found = re.fullmatch(r"(.+)/(\d+)/(\d+)", text.strip())
        if not found:
            raise BadFilter(f"{text}: write TOPIC/PARTITION/OFFSET, such as reports/0/4711")
        return cls(found[1], int(found[2]), int(found[3]))

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}/{self.offset}"


@dataclass(frozen=True)
class Filter:
    """Which messages; None and "" mean any. Times are aware datetimes, `until` is not included."""

    reason: str = ""
    field: str = ""
    topic: str = ""
    since: datetime | None = None
    until: datetime | None = None
    not_replayed: bool = False
    sendable: bool = False  # Kafka's clients send no message that has neither key nor value

    def sql(self) -> tuple[str, dict[str, Any]]:
        """A condition and its parameters."""
        conditions, given = ["true"], {}
        for name in ("reason", "field", "topic"):
            if value := getattr(self, name):
                conditions.append(f"{name} = {{{name}:String}}")
                given[name] = value
        for name, sign in (("since", ">="), ("until", "<")):
            if moment := getattr(self, name):
                conditions.append(f"received_at {sign} fromUnixTimestamp64Milli({{{name}:Int64}})")
                given[name] = round(moment.timestamp() * 1000)
        if self.not_replayed:
            conditions.append("replays = 0")
        if self.sendable:
            conditions.append("(isNotNull(key) OR isNotNull(raw))")
        return " AND ".join(conditions), given


@dataclass(frozen=True)
class Rejected:
    """A rejected message without its bytes. `size` is that of the value; `replays`: how often it was sent again."""

    topic: str
    partition: int
    offset: int
    received_at: datetime
    reason: str
    field: str
    detail: str
    size: int
    replays: int

    @property
    def place(self) -> Place:
        return Place(self.topic, self.partition, self.offset)


@dataclass(frozen=True)
class Content:
    """Key and value as they came, and where the program failed."""

    key: bytes | None
    value: bytes | None
    traceback: str = field(default="", repr=False)


def moment(text: str, now: datetime) -> datetime:
    """A time as people write it: ISO 8601 (without an offset: this machine's), or 90m, 2h, 1d ago. Raises BadFilter."""
    if ago := _AGO.fullmatch(text.strip()):
        return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    try:
        return datetime.fromisoformat(text.strip()).astimezone(UTC)
    except ValueError as error:
        raise BadFilter(f"{text} is no time: write 2024-11-27T06:00, or 30m, 2h, 1d for so long ago") from error


def count(client: Client, wanted: Filter) -> int:
    """How many messages fit."""
    condition, given = wanted.sql()
    sql = f"SELECT count() FROM posko.rejected {_REPLAYS} WHERE {condition}"  # noqa: S608 - values are parameters
    return int(client.query(sql, parameters=given).result_rows[0][0])


def latest(client: Client, wanted: Filter, limit: int) -> list[Rejected]:
    """The latest messages that fit, newest first."""
    return _select(client, wanted, "received_at DESC, topic, partition, offset DESC", limit)


def lots(client: Client, wanted: Filter, limit: int = 0) -> Iterator[list[Rejected]]:
    """All messages that fit (`limit`: at most so many), in the order of their places, a few at a time."""
    after: Place | None = None
    left = limit or None
    while found := _select(client, wanted, "topic, partition, offset", min(LOT, left or LOT), after):
        after = found[-1].place
        while found:
            lot = [found.pop(0)]
            while found and sum(row.size for row in lot) + found[0].size <= LOT_BYTES:
                lot.append(found.pop(0))
            yield lot
            left = left and left - len(lot)
        if left == 0:
            return


def contents(client: Client, places: Sequence[Place]) -> dict[Place, Content]:
    """Keys and values of these messages, byte for byte."""
    rows = client.query(
        "SELECT topic, partition, offset, isNull(key), base64Encode(ifNull(key, '')), isNull(raw), "
        "base64Encode(ifNull(raw, '')), traceback FROM posko.rejected "
        "WHERE (topic, partition, offset) IN {places:Array(Tuple(String, UInt32, UInt64))}",
        parameters={"places": [(place.topic, place.partition, place.offset) for place in places]},
    ).result_rows
    return {
        Place(topic, partition, offset): Content(
            None if no_key else b64decode(key), None if no_value else b64decode(value), traceback
        )
        for topic, partition, offset, no_key, key, no_value, value, traceback in rows
    }


def find(client: Client, place: Place) -> Rejected | None:
    """One message without its bytes."""
    found = _select(client, Filter(topic=place.topic), "topic, partition, offset", 1, at=place)
    return found[0] if found else None


def _select(
    client: Client, wanted: Filter, order: str, limit: int, after: Place | None = None, at: Place | None = None
) -> list[Rejected]:
    condition, given = wanted.sql()
    for place, sign in ((after, ">"), (at, "=")):
        if place:
            condition += (
                f" AND (topic, partition, offset) {sign} "
                "({place_topic:String}, {place_partition:UInt32}, {place_offset:UInt64})"
            )
            given |= {
                "place_topic": place.topic,
                "place_partition": place.partition,
                "place_offset": place.offset,
            }
    rows = client.query(
        "SELECT topic, partition, offset, toUnixTimestamp64Milli(received_at), reason, field, detail, "  # noqa: S608
        f"length(ifNull(raw, '')), replays FROM posko.rejected {_REPLAYS} WHERE {condition} ORDER BY {order} "
        "LIMIT {most:UInt64}",
        parameters={**given, "most": limit},
    ).result_rows
    return [
        Rejected(topic, partition, offset, datetime.fromtimestamp(at / 1000, UTC), *rest)
        for topic, partition, offset, at, *rest in rows
    ]
