"""What the gateway shows to Prometheus: counts of receipts, what waits for Kafka, and what imports did beside it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path

from prometheus_client.core import Metric

from posko import log, metrics
from posko.errors import first_line
from producers.gateway.acceptance import Acceptance
from producers.imports.memory import Memory

logger = log.get("gateway")


def of_reports(acceptance: Acceptance) -> Iterable[Metric]:
    """Asked at each scrape; plain numbers, so that a request costs nothing."""
    said: dict[tuple[str, ...], float] = dict(acceptance.said.copy())  # type: ignore[arg-type]
    yield metrics.counter("posko_gateway_reports", "Reports by what their sender was told.", ("door", "state"), said)
    waiting: dict[tuple[str, ...], float] = {(): acceptance.waiting}
    yield metrics.gauge("posko_gateway_waiting", "Reports that Kafka has not acknowledged yet.", (), waiting)
    stalled: dict[tuple[str, ...], float] = {(): acceptance.stalled()}
    yield metrics.gauge("posko_gateway_stalled_seconds", "How long Kafka has owed the oldest answer.", (), stalled)


def of_imports(path: Path) -> Iterable[Metric]:
    """Rows of the files that were imported, from the memory of imports at `path`; they do not pass the gateway."""
    if not path.exists():
        return
    try:
        memory = Memory(path)
        try:
            sent, wrong = memory.rows()
        finally:
            memory.close()
    except sqlite3.Error as error:
        logger.error("the memory of imports cannot be read for its metrics", error=first_line(error))
        return
    rows: dict[tuple[str, ...], float] = {("sent",): sent, ("wrong",): wrong}
    yield metrics.counter("posko_gateway_import_rows", "Rows of imported files.", ("state",), rows)
