"""Gathers the live view's figures: what is stored (ClickHouse), what waits (Kafka), what the simulator says."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from clickhouse_connect.driver.exceptions import ClickHouseError

from dashboards.terminal.view import Figures
from dashboards.warehouse import Warehouse
from posko.local import progress
from posko.settings import Settings

LATENCY_MINUTES = 1
LATENCY_HOPS = ("total", "since_received")  # from sending where the sender said when, else from Kafka's timestamp
NEWEST = 8


class Watch:
    """Keeps `figures` fresh from a thread of its own; a part that does not answer is named in `figures.trouble`."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self.figures = Figures()
        self._settings, self._clock = settings, clock
        self._began = self._polled = clock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(timeout=10)

    def follow(self, lines: Iterable[str]) -> None:
        """Take over the simulator's own progress, JSON objects a line, until it ends."""
        for line in lines:
            try:
                self._played(json.loads(line))
            except (ValueError, KeyError):
                continue  # not a progress line

    def _played(self, said: dict[str, Any]) -> None:
        self.figures.sent = int(said["sent"])
        self.figures.share = float(said.get("share") or 0)
        if said.get("simulated"):
            self.figures.simulated = datetime.fromisoformat(said["simulated"])

    def _run(self) -> None:
        warehouse = Warehouse(self._settings)
        while not self._stop.wait(0.7):
            try:
                self._poll(warehouse)
                self.figures.trouble = ""
            except (ClickHouseError, OSError) as error:
                self.figures.trouble = f"ClickHouse does not answer: {type(error).__name__}"
        warehouse.close()

    def _poll(self, warehouse: Warehouse) -> None:
        figures, now = self.figures, self._clock()
        totals = warehouse.ask("totals")[0]
        stored = int(totals["reports"])
        if figures.totals:
            passed = max(now - self._polled, 1e-3)
            figures.rates = [*figures.rates[-60:], (stored - figures.totals["reports"]) / passed]
        figures.totals = {name: int(value) for name, value in totals.items()}
        hops = {row["hop"]: row for row in warehouse.ask("latency", minutes=LATENCY_MINUTES)}
        latency = next((hops[hop] for hop in LATENCY_HOPS if hop in hops), None)
        figures.p50, figures.p99 = (latency["p50_ms"], latency["p99_ms"]) if latency else (None, None)
        figures.categories = warehouse.ask("incidents_by_category")
        figures.newest = warehouse.ask("newest_incidents", limit=NEWEST)
        figures.lag = {stage.name: stage.lag or 0 for stage in progress.lag(self._settings)}
        figures.seconds, self._polled = now - self._began, now
