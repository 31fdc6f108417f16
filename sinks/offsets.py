"""Where the sink goes on: kept in ClickHouse, beside the rows, so that empty tables refill by themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pyarrow as pa
from clickhouse_connect.driver.client import Client

from sinks import clickhouse
from sinks.batch import Place

FILLING = "filling"
EMPTYING = "emptying"


@dataclass(frozen=True)
class Generation:
    """Which filling of the tables this is; `posko rebuild` raises the number, and positions of earlier ones no longer
    count.
    """

    number: int
    state: str
    began: int = 0  # when it came into this state, milliseconds since 1970

    @property
    def is_open(self) -> bool:
        """Whether sinks may store; false while `posko rebuild` empties the tables."""
        return self.state == FILLING


def generation(client: Client) -> Generation:
    """The current generation; 0 before any rebuild."""
    rows = client.query(
        "SELECT generation, toString(state), toUnixTimestamp64Milli(at) FROM posko.rebuilds "
        "ORDER BY generation DESC, state DESC LIMIT 1"
    ).result_rows
    return Generation(*rows[0]) if rows else Generation(0, FILLING)


def announce(client: Client, number: int, state: str) -> None:
    """Note a step of a rebuild, for every sink to see."""
    client.command(
        "INSERT INTO posko.rebuilds (generation, state) SELECT {number:UInt32}, {state:String}",
        parameters={"number": number, "state": state},
    )


def positions(client: Client, generation: int) -> dict[Place, int]:
    """The next offset to store of every partition stored so far; a partition that is absent starts at its beginning."""
    rows = client.query(
        "SELECT topic, partition, max(next_offset) FROM posko.consumed "
        "WHERE generation = {generation:UInt32} GROUP BY topic, partition",
        parameters={"generation": generation},
    ).result_rows
    return {(topic, partition): next_offset for topic, partition, next_offset in rows}


def consumed(client: Client, generation: int, next_offsets: Mapping[Place, int]) -> None:
    """Note what is stored. Called after the rows: a crash in between repeats rows, which collapse."""
    places: Iterable[Place] = list(next_offsets)
    clickhouse.insert(
        client,
        "consumed",
        pa.table({
            "generation": pa.array([generation] * len(next_offsets), pa.uint32()),
            "topic": pa.array([topic for topic, _ in places], pa.string()),
            "partition": pa.array([partition for _, partition in places], pa.uint32()),
            "next_offset": pa.array(list(next_offsets.values()), pa.uint64()),
        }),
    )  # fmt: skip
