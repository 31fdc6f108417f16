"""Asking a dashboard's question, at ClickHouse's door or at Grafana's, and what comes back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import clickhouse_connect
import httpx
from clickhouse_connect.driver.exceptions import ClickHouseError
from urllib3.exceptions import HTTPError

from dashboards.grafana.look import DATASOURCE, FORMAT_TABLE
from dashboards.grafana.macros import Range, Variables, expand, frontend
from posko.errors import first_line
from posko.settings import Settings

CONNECT_S, ANSWER_S = 5, 30
POINTS = 120  # of a graph


class Refused(Exception):
    """The question was not answered; the text says why."""


@dataclass(frozen=True)
class Answer:
    """Rows with the names of their columns, and how long it took. `kinds`: `time`, `number`, `text` or `other`."""

    columns: tuple[str, ...]
    kinds: tuple[str, ...]
    rows: Sequence[Sequence[Any]]
    took_ms: float

    def values(self, column: str) -> list[Any]:
        """All values of a column. ValueError when there is none of that name."""
        place = self.columns.index(column)
        return [row[place] for row in self.rows]


Ask = Callable[[str, Variables, Range], Answer]


def until_now(hours: float) -> Range:
    """The last hours, in steps as Grafana would choose them for a graph: at least a minute."""
    now = datetime.now(UTC)
    seconds = hours * 3600 / POINTS
    step = next((step for step in (60, 120, 300, 600, 900, 1800, 3600) if step >= seconds), 3 * 3600)
    return Range(now - timedelta(hours=hours), now, step)


@contextmanager
def door(settings: Settings, through_grafana: bool = True) -> Iterator[Ask]:
    """Where to ask: Grafana when its address is set, else ClickHouse as the read-only user. Raises Refused, as calls
    do."""
    if through_grafana and settings.grafana:
        with httpx.Client(
            base_url=settings.grafana.rstrip("/"),
            headers={"Authorization": f"Bearer {settings.grafana_token.get_secret_value()}"},
            timeout=httpx.Timeout(ANSWER_S, connect=CONNECT_S),
        ) as http:
            yield lambda sql, variables, span: _at_grafana(http, sql, variables, span)
        return
    try:
        client = clickhouse_connect.get_client(
            **settings.reader_client_options,
            connect_timeout=CONNECT_S,
            send_receive_timeout=ANSWER_S,
            autogenerate_session_id=False,
        )
    except (ClickHouseError, HTTPError, OSError) as error:
        raise Refused(first_line(error, 400)) from error
    try:
        yield lambda sql, variables, span: _at_clickhouse(client, sql, variables, span)
    finally:
        client.close()


def _at_clickhouse(client: Any, sql: str, variables: Variables, span: Range) -> Answer:
    asked = expand(sql, span, variables)
    began = time.perf_counter()
    try:
        found = client.query(asked)
    except Exception as error:
        raise Refused(first_line(error, 400)) from error
    took = 1000 * (time.perf_counter() - began)
    kinds = tuple(_kind(one.name) for one in found.column_types)
    return Answer(tuple(found.column_names), kinds, found.result_rows, took)


def _kind(name: str) -> str:
    bare = name.replace("LowCardinality(", "").replace("Nullable(", "")
    if bare.startswith(("UInt", "Int", "Float", "Decimal")):
        return "number"
    if bare.startswith(("DateTime", "Date")):
        return "time"
    return "text" if bare.startswith(("String", "FixedString", "Enum")) else "other"


def _at_grafana(http: httpx.Client, sql: str, variables: Variables, span: Range) -> Answer:
    """Through Grafana's query API: variables are put in here as its browser code does, macros by its plugin.

    Source: Grafana's HTTP API, "Query a data source".
    """
    query = {
        "refId": "A",
        "datasource": {"type": DATASOURCE.type_val, "uid": DATASOURCE.uid},
        "rawSql": frontend(sql, variables, span),
        "format": FORMAT_TABLE,
        "queryType": "table",
        "editorType": "sql",
        "intervalMs": span.interval_s * 1000,
        "maxDataPoints": POINTS,
    }
    body = {
        "queries": [query],
        "from": str(int(span.start.timestamp() * 1000)),
        "to": str(int(span.end.timestamp() * 1000)),
    }
    began = time.perf_counter()
    try:
        reply = http.post("/api/ds/query", json=body)
        result = reply.json().get("results", {}).get("A", {})
    except (httpx.HTTPError, ValueError) as error:
        raise Refused(first_line(error, 400)) from error
    took = 1000 * (time.perf_counter() - began)
    if reply.status_code >= 300 or "error" in result:
        raise Refused(f"{reply.status_code}: {result.get('error') or reply.text[:300]}")
    frames = result.get("frames") or [{"schema": {"fields": []}, "data": {"values": []}}]
    fields = frames[0]["schema"]["fields"]
    kinds = {"number": "number", "time": "time", "string": "text"}
    return Answer(
        tuple(field["name"] for field in fields),
        tuple(kinds.get(field.get("type", ""), "other") for field in fields),
        list(zip(*frames[0]["data"]["values"], strict=True)),
        took,
    )
