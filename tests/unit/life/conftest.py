"""A partition with incidents, and what people do with them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from posko.catalog import Catalog
from posko.correlate import Correlator
from tests.unit.correlate.conftest import MINUTE, START, enriched

__all__ = ["enriched"]


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return Catalog.load()


class Partition:
    """A Correlator with its changelog, its messages and the tables that would be made of them."""

    def __init__(self, catalog: Catalog, make: Any) -> None:
        self.catalog, self.make = catalog, make
        self.state = Correlator(catalog)
        self.stored: dict[bytes, bytes | None] = {}
        self.incidents: dict[str, dict[str, Any]] = {}
        self.rows: dict[str, str] = {}  # report -> incident, as the sink shows it
        self.bodies: dict[str, dict[str, Any]] = {}
        self.acted = 0

    def flush(self) -> None:
        outcome = self.state.flush()
        self.stored.update(outcome.changelog)
        self.incidents |= {state["incident_id"]: state for state in outcome.incidents}

    def restart(self) -> None:
        self.flush()
        self.state = Correlator(self.catalog)
        for key, value in self.stored.items():
            self.state.restore(key, value)
        self.state.restored()

    def report(self, number: int, *args: Any, **changes: Any) -> str:
        """The incident that the report is told to belong to."""
        body = self.make(number, *args, **changes)
        matched = self.state.take(body)
        if not matched["duplicate"]:
            self.rows[body["report_id"]] = matched["incident_id"]
            self.bodies[body["report_id"]] = body
        self.flush()
        return str(matched["incident_id"])

    def tick(self, minute: float) -> None:
        self.state.take_tick({"type": "tick", "at": int(START + minute * MINUTE)})
        self.flush()

    def act(self, incident: str, action: str, minute: float = 1, value: Any = "", **changes: Any) -> dict[str, Any]:
        """The last event in the incident's log afterwards."""
        self.acted += 1
        message = {
            "type": "action", "action_id": str(UUID(int=self.acted)), "incident_id": incident, "action": action,
            "actor": "operator-1", "role": "operator", "institution": "posko",
            "received_at": int(START + minute * MINUTE), "expected_version": None, "why": "sudah dicek",
            "value": value, "group": False, "reports": [], "source_partition": 0, "source_offset": self.acted,
        } | changes  # fmt: skip
        for moved in self.state.take_action(message):
            self.rows[moved["report_id"]] = moved["incident_id"]
        self.flush()
        return dict(self.incidents[incident]["log"][-1])

    def split(self, incident: str, *numbers: int, minute: float = 1) -> str:
        """The new incident."""
        reports = [self.bodies[str(UUID(int=number))] for number in numbers]
        return str(self.act(incident, "split", minute, reports=reports)["value"])

    def shown(self, report: str) -> str:
        """The incident under which the tables show a report."""
        name = self.rows[report]
        return self.incidents[name]["merged_into"] or name

    def actions(self, incident: str) -> list[str]:
        return [event["action"] for event in self.incidents[incident]["log"]]


@pytest.fixture
def partition(catalog, enriched):
    return Partition(catalog, enriched)
