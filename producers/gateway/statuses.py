"""What became of a sender's own reports, asked from ClickHouse; without it they are at least known to be received."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import clickhouse_connect
import msgspec
from clickhouse_connect.driver.asyncclient import AsyncClient

from posko import log
from posko.settings import Settings

LIMIT_S = 3.0  # a phone does not wait longer
MOST = 500  # reports in one answer

_SQL = """
SELECT r.report_id AS report_id, r.incident_id AS incident_id, r.match AS match,
       toUnixTimestamp64Milli(r.received_at) AS received_at, i.status AS status, i.title AS title,
       i.reports AS reports, i.merged_into AS merged_into
FROM (
    SELECT report_id, incident_id, match, received_at FROM posko.reports
    WHERE reporter_id = {reporter:String} AND (empty({ids:Array(String)}) OR report_id IN {ids:Array(String)})
    ORDER BY received_at DESC LIMIT {most:UInt32}
) AS r
LEFT JOIN (
    SELECT incident_id, status, title, reports, merged_into FROM posko.incidents
    WHERE incident_id IN (
        SELECT incident_id FROM posko.reports
        WHERE reporter_id = {reporter:String} AND (empty({ids:Array(String)}) OR report_id IN {ids:Array(String)})
    )
) AS i ON i.incident_id = r.incident_id
ORDER BY r.received_at DESC
"""
logger = log.get("gateway")


class Status(msgspec.Struct, frozen=True, omit_defaults=True):
    """A report of the sender's own. `state`: received, joined, verified, rejected, resolved; the rest when known."""

    report_id: str
    state: str
    incident_id: str = ""
    title: str = ""
    reports: int = 0
    received_at: int | None = None


class Told(msgspec.Struct, frozen=True, omit_defaults=True):
    """The answer: `note` says when it could not be looked up."""

    reports: list[Status]
    note: str = ""


_STATES = {"verified": "verified", "rejected": "rejected", "resolved": "resolved"}


class Statuses:
    """Asks ClickHouse, through a client that is made when it is first needed and anew after a failure."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client: AsyncClient | None = None

    async def of(self, reporter: str, ids: Sequence[str]) -> list[Status]:
        """The reports of `reporter` (an officer's id) with these ids, or their latest ones; raises what the client
        raises."""
        if self._client is None:
            self._client = await clickhouse_connect.get_async_client(
                **self._settings.reader_client_options,
                connect_timeout=LIMIT_S,
                send_receive_timeout=LIMIT_S,
                autogenerate_session_id=False,
            )
        asked = {"reporter": reporter, "ids": list(ids), "most": MOST}
        try:
            found = await self._client.query(_SQL, parameters=asked, settings={"max_execution_time": LIMIT_S})
        except BaseException:
            self._client = None
            raise
        return [_status(row) for row in found.named_results()]


def _status(row: dict[str, Any]) -> Status:
    return Status(
        row["report_id"],
        _STATES.get(row["status"], "joined"),
        row["merged_into"] or row["incident_id"],
        row["title"],
        row["reports"],
        row["received_at"],
    )
