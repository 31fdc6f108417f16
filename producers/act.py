"""`posko act`: send an action and wait for the answer, which is in the incident's log, or in `rejected`."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

import clickhouse_connect
from clickhouse_connect.driver.exceptions import ClickHouseError

from posko import topics
from posko.settings import Settings, SettingsError
from posko.wish import Wish, compose, key
from producers.kafka import Sender

LOOK_S = 0.2  # between two looks for the answer
DONE, REFUSED, SILENT = 0, 1, 3  # exit statuses

_PLACES = """
SELECT report_id, source_partition, source_offset FROM posko.reports WHERE report_id IN {reports:Array(String)}
"""
_ANSWER = """
SELECT action = 'refused' AS refused, action, detail, version, actor FROM posko.incident_log
WHERE incident_id = {incident:String} AND action_id = {action:String} ORDER BY seq LIMIT 1
UNION ALL
SELECT true, reason, detail, 0, '' FROM posko.rejected
WHERE topic = {topic:String} AND position(ifNull(raw, ''), {action:String}) > 0 LIMIT 1
"""


@dataclass(frozen=True)
class Answer:
    """What became of it. `status` is the command's exit status."""

    status: int
    text: str


def run(
    wish: Wish, known: Settings, timeout: float, now: datetime, clock: Callable[[], float] = time.monotonic
) -> Answer:
    """Send it and wait up to `timeout` seconds for the answer."""
    client = clickhouse_connect.get_client(**known.clickhouse_client_options)
    places: list[dict[str, Any]] = []
    if wish.action == "split":
        places = list(client.query(_PLACES, parameters={"reports": list(wish.reports)}).named_results())
        if missing := sorted(set(wish.reports) - {place["report_id"] for place in places}):
            raise SettingsError(f"Laporan tidak ditemukan: {', '.join(missing)}; periksa report_id.")
    action_id = uuid4()
    value = compose(wish, action_id, now, places)
    with Sender(known.kafka_address, topics.ACTIONS, known.partitions) as sender:
        sender.send(value, key(wish))
    end = clock() + timeout
    asked = {"incident": wish.incident, "action": str(action_id), "topic": topics.ACTIONS}
    while clock() < end:
        try:
            found = list(client.query(_ANSWER, parameters=asked).named_results())
        except ClickHouseError:
            found = []  # it is away for a moment, or busy: the answer is not lost
        if found:
            return _told(wish, found[0])
        time.sleep(LOOK_S)
    return Answer(SILENT, f"Belum ada jawaban sesudah {timeout:g} detik; tindakan {action_id} tetap akan dikerjakan.")


def _told(wish: Wish, found: dict[str, Any]) -> Answer:
    if found["refused"]:
        return Answer(REFUSED, f"Ditolak: {found['detail']}")
    detail = f" ({found['detail']})" if found["detail"] else ""
    return Answer(DONE, f"{wish.incident} versi {found['version']}: {found['action']} oleh {found['actor']}{detail}")
