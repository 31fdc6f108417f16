"""The table `posko.regions`: the regions of the configured area, replaced as a whole when they change."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence

import pyarrow as pa
from clickhouse_connect.driver.client import Client

from posko.regions import Region
from sinks import clickhouse

_COLUMNS = ("code", "level", "name", "parent", "lat", "lng", "tps", "tps_exact")
_TYPES = {"lat": pa.float64(), "lng": pa.float64(), "tps": pa.uint32(), "tps_exact": pa.bool_()}


def load(client: Client, regions: Sequence[Region]) -> bool:
    """Make `posko.regions` hold exactly `regions`; says whether that changed it.

    The new table is filled aside and exchanged with the old one, so that a select sees the old or the new one, never
    a part. Sinks that start at once each use a table of their own; the last exchange wins with the same content.
    """
    table = pa.table({
        name: pa.array([getattr(region, name) for region in regions], _TYPES.get(name, pa.string()))
        for name in _COLUMNS
    })  # fmt: skip
    digest = _digest(regions)
    held = client.query("SELECT any(digest), count() FROM posko.regions").result_rows[0]
    if held[1] == len(regions) and held[0] == digest:
        return False
    aside = f"regions_{secrets.token_hex(4)}"
    client.command(f"CREATE TABLE posko.{aside} AS posko.regions")
    try:
        rows = table.append_column("digest", pa.array([digest] * len(regions), pa.string()))
        clickhouse.insert(client, aside, rows)
        client.command(f"EXCHANGE TABLES posko.{aside} AND posko.regions")
    finally:
        client.command(f"DROP TABLE IF EXISTS posko.{aside}")
    return True


def _digest(regions: Sequence[Region]) -> str:
    text = "\n".join("\t".join(str(getattr(region, name)) for name in _COLUMNS) for region in regions)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
