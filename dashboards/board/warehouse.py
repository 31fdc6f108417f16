"""What the board asks of ClickHouse, as the user who may only read. Nothing here writes."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import clickhouse_connect
import orjson
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError
from urllib3.exceptions import HTTPError

from dashboards.board.situation import Incident
from posko import topics
from posko.settings import Settings

CONNECT_S, ANSWER_S = 3, 15
THREADS = 6  # questions at the same time
MOST_INCIDENTS = 50_000  # in memory, some 1.5 KB each; the open ones and the latest closed
CLOSED_HOURS = 24
MOST_REPORTS = 300  # shown of one incident
AWAY = (ClickHouseError, HTTPError, OSError)

Row = dict[str, Any]

_STATE = """
SELECT incident_id, version, status, category, kind, title, summary, severity, confidence, province, regency,
    district, village, place_name, reports, reporters, institutions, toUnixTimestamp64Milli(opened_at) AS opened_at,
    toUnixTimestamp64Milli(updated_at) AS updated_at, lead_agency, support_agencies, assigned_to,
    ifNull(toUnixTimestamp64Milli(ack_due), 0) AS ack_due,
    ifNull(toUnixTimestamp64Milli(resolve_due), 0) AS resolve_due,
    escalation, merged_into, reports_since_closed, suggested != '[]' AS linked, contradictions != '[]' AS contradicted,
    toUnixTimestamp64Milli(stored_at) AS stored_at
"""
_ALL = f"""{_STATE} FROM posko.incidents
WHERE status NOT IN ('resolved', 'rejected') OR incidents.updated_at > now64(3) - INTERVAL {CLOSED_HOURS} HOUR
ORDER BY status IN ('resolved', 'rejected'), incidents.updated_at DESC LIMIT {MOST_INCIDENTS}
"""
# Each second: of the rows behind the view, so that it costs what is new and not what there is. Of an incident's rows
# the highest version counts, as in the view.
_CHANGED = f"""{_STATE} FROM posko.incidents_rows
WHERE incidents_rows.stored_at >= fromUnixTimestamp64Milli({{since:Int64}}, 'UTC')
ORDER BY version DESC LIMIT 1 BY incident_id
"""
_ONE = """
SELECT *, toUnixTimestamp64Milli(first_at) AS first_ms, toUnixTimestamp64Milli(last_at) AS last_ms,
    toUnixTimestamp64Milli(escalate_at) AS escalate_ms
FROM posko.incidents WHERE incident_id = {id:String}
"""
_LOG = """
SELECT seq, toUnixTimestamp64Milli(at) AS at, actor, action, detail, version, role, institution, code, value, cause,
    action_id
FROM posko.incident_log WHERE incident_id = {id:String} ORDER BY seq
"""
_REPORTS = f"""
WITH
    (
        SELECT arrayConcat([{{id:String}}], groupArray(incident_id)) FROM posko.merged_rows FINAL
        WHERE merged_into = {{id:String}}
    ) AS family,
    (SELECT groupArray(position) FROM posko.report_moves_rows FINAL WHERE has(family, incident_id)) AS moved_here
SELECT report_id, match, score, kind, text, severity, place_name, place_by, tps, reporter_id, role,
    institution, channel, marks, reasons, attachments, extra, source_partition, source_offset,
    toUnixTimestamp64Milli(received_at) AS received_at,
    toUnixTimestamp64Milli(ifNull(occurred_at, reported_at)) AS happened_at
FROM posko.reports_as_stored
WHERE (matched_incident IN (SELECT arrayJoin(family)) OR position IN (SELECT arrayJoin(moved_here)))
    AND now_incident = {{id:String}}
ORDER BY received_at DESC LIMIT 1 BY position LIMIT {MOST_REPORTS}
"""  # noqa: S608 - our own text
_ANSWER = """
SELECT action, detail, version, actor, code FROM posko.incident_log
WHERE incident_id = {id:String} AND action_id = {action:String} ORDER BY seq LIMIT 1
"""
_UNANSWERED = """
SELECT reason, detail FROM posko.rejected
WHERE topic = {topic:String} AND received_at > now64(3) - INTERVAL 10 MINUTE
    AND position(ifNull(raw, ''), {action:String}) > 0
LIMIT 1
"""


class Warehouse:
    """Questions in threads of their own; each raises one of AWAY when ClickHouse cannot answer."""

    def __init__(self, settings: Settings) -> None:
        self._options = settings.reader_client_options
        self._threads = ThreadPoolExecutor(THREADS, "clickhouse")
        self._client: Client | None = None

    async def everything(self) -> tuple[list[Incident], int]:
        """The incidents to begin with, and when the latest of them was stored (ms)."""
        return _incidents(await self._ask(_ALL))

    async def changed(self, since: int) -> tuple[list[Incident], int]:
        """Incidents stored since then (ms), and when the latest of them was."""
        return _incidents(await self._ask(_CHANGED, since=since))

    async def incident(self, incident_id: str) -> Row | None:
        """All columns of one incident, JSON columns parsed."""
        found = await self._ask(_ONE, id=incident_id)
        return _parsed(found[0], "suggested", "contradictions", "sources", "quotes", "claim") if found else None

    async def log(self, incident_id: str) -> list[Row]:
        """Every step of an incident's life, in order."""
        return await self._ask(_LOG, id=incident_id)

    async def reports(self, incident_id: str) -> list[Row]:
        """The reports that count for an incident now, the latest first."""
        return [_parsed(row, "reasons", "attachments", "extra") for row in await self._ask(_REPORTS, id=incident_id)]

    async def answer(self, incident_id: str, action_id: str) -> Row | None:
        """What became of an action: its event, `refused` among them, or why no log could answer it."""
        if found := await self._ask(_ANSWER, id=incident_id, action=action_id):
            return found[0]
        if lost := await self._ask(_UNANSWERED, topic=topics.ACTIONS, action=action_id):
            return {
                "action": "refused",
                "detail": lost[0]["detail"],
                "version": 0,
                "actor": "",
                "code": lost[0]["reason"],
            }
        return None

    async def _ask(self, sql: str, **parameters: Any) -> list[Row]:
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._answer_of, sql, parameters)

    def _answer_of(self, sql: str, parameters: dict[str, Any]) -> list[Row]:
        if self._client is None:
            self._client = clickhouse_connect.get_client(
                **self._options, connect_timeout=CONNECT_S, send_receive_timeout=ANSWER_S, autogenerate_session_id=False
            )
        return [dict(row) for row in self._client.query(sql, parameters=parameters).named_results()]

    def close(self) -> None:
        """Let the threads go."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _incidents(rows: list[Row]) -> tuple[list[Incident], int]:
    latest = max((row["stored_at"] for row in rows), default=0)
    return [_incident(row) for row in rows], latest


def _incident(row: Row) -> Incident:
    known = {name: value for name, value in row.items() if name != "stored_at"}
    known["support_agencies"] = tuple(known["support_agencies"])
    known["linked"], known["contradicted"] = bool(known["linked"]), bool(known["contradicted"])
    return Incident(**known)


def _parsed(row: Row, *columns: str) -> Row:
    return {**row, **{name: orjson.loads(row[name] or "[]") for name in columns}}
