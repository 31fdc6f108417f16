"""ClickHouse's disk is full: an insert is refused, the sink says so, keeps its place and goes on when there is room.

A table that demands more free space than any disk has meets the same error in the same place as a full disk.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa
import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError

from posko.settings import Settings
from sinks import clickhouse, offsets
from sinks.clickhouse import Verdict
from sinks.storage import DISK_FULL, Storage
from tests.integration.sink_tables import one
from tests.integration.test_sink_consumer import REPORTS, Pipe, client, pipe
from tests.unit.sinks.examples import matched

__all__ = ["client", "pipe"]
SETTING = "min_free_disk_bytes_to_perform_insert"


@contextmanager
def full(client: Client, table: str) -> Iterator[None]:
    client.command(f"ALTER TABLE posko.{table} MODIFY SETTING {SETTING} = {1 << 60}")
    try:
        yield
    finally:
        client.command(f"ALTER TABLE posko.{table} RESET SETTING {SETTING}")


def test_an_insert_without_room_is_refused_and_not_confirmed(engine: Settings) -> None:
    client = clickhouse.connect(engine)
    client.command("CREATE DATABASE IF NOT EXISTS posko")
    client.command("CREATE OR REPLACE TABLE posko.small (a String) ENGINE = MergeTree ORDER BY a")
    rows = pa.table({"a": pa.array(["x", "y"])})
    with full(client, "small"):
        for insert in (
            lambda: client.insert_arrow("small", rows, database="posko"),
            lambda: client.insert("small", [["x"]], database="posko"),
            lambda: client.raw_insert("posko.small", insert_block=b"x\n", fmt="TSV"),
            lambda: client.command("INSERT INTO posko.small VALUES ('x')"),
        ):
            with pytest.raises(DatabaseError) as refused:
                insert()
            assert clickhouse.is_disk_full(refused.value)
            assert clickhouse.judge(refused.value) is Verdict.WAIT
    assert one(client, "SELECT count() FROM posko.small") == 0
    client.insert_arrow("small", rows, database="posko")
    assert one(client, "SELECT count() FROM posko.small") == 2


@pytest.mark.parametrize("table", ["reports_rows", "report_ids", "consumed"])
async def test_the_sink_waits_for_room_and_goes_on_where_it_was(pipe: Pipe, table: str) -> None:
    storage = Storage(pipe.client, pipe.names)
    with full(pipe.client, table):
        async with pipe.sink(storage) as running:
            await pipe.send("matched", [matched(number) for number in range(120)])
            async with asyncio.timeout(60):
                while storage.outage.text != DISK_FULL:
                    await asyncio.sleep(0.05)
            assert not running.done()
        assert not offsets.positions(pipe.client, offsets.generation(pipe.client).number)
    async with pipe.sink() as running:
        await pipe.holds(REPORTS, 120, running)


async def test_the_sink_goes_on_by_itself_when_there_is_room(pipe: Pipe) -> None:
    storage = Storage(pipe.client, pipe.names)
    async with pipe.sink(storage) as running:
        with full(pipe.client, "reports_rows"):
            await pipe.send("matched", [matched(number) for number in range(120)])
            async with asyncio.timeout(60):
                while storage.outage.text != DISK_FULL:
                    await asyncio.sleep(0.05)
            assert one(pipe.client, REPORTS) == 0
        await pipe.holds(REPORTS, 120, running)
        assert storage.outage.text == ""
