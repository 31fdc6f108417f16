"""What the sink's tests share: an empty schema in the real engine, and what all its tables hold."""

from __future__ import annotations

from typing import Any

from clickhouse_connect.driver.client import Client

from posko.settings import Settings
from sinks import clickhouse, migrate, rebuild

# What people select from, and the tables behind it. `stored_at` says when, and differs when a row is stored again.
VIEWS = ("reports", "resends", "reports_by_minute", "incidents", "incident_log", "notifications", "rejected")


def empty(engine: Settings) -> Client:
    """A client of the engine with every migration applied and no row that came from Kafka."""
    client = clickhouse.connect(engine)
    migrate.apply(client)
    rebuild.begin(client)
    return client


def content(client: Client) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every view, in one order, without `stored_at`."""
    return {
        view: sorted(client.query(f"SELECT * EXCEPT (stored_at) FROM posko.{view}").result_rows, key=repr)
        if view != "reports_by_minute"
        else sorted(client.query(f"SELECT * FROM posko.{view}").result_rows, key=repr)
        for view in VIEWS
    }


def one(client: Client, sql: str) -> Any:
    """The single value of a query."""
    return client.query(sql).result_rows[0][0]
