"""An incident's whole life against everything real: from its first report to its solution, with a missed deadline, a
referral, a split, a merge, two people at once and a worker that is killed in between. No waiting: time is in the log.
"""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import clickhouse_connect
import pytest
from kafka import KafkaProducer

from posko import topics
from posko.life import message
from posko.local.progress import drained
from posko.wish import Wish
from producers import act as acting
from sinks import queries

from .conftest import Instance, free_ports, posko

SCOPE, PARTITIONS = "16.71", 2
VILLAGE = "16.71.01.1001"
SPACE = UUID("0d7ac1b5-9a54-4c37-9d0c-5d1f6f4f8a11")
MINUTE = 60_000

Up = Callable[..., AbstractContextManager[Instance]]


def report(number: int, text: str, tps: int, role: str = "kpps", institution: str = "kpu") -> dict[str, Any]:
    return {
        "report_id": str(uuid5(SPACE, str(number))),
        "category": "logistics",
        "kind": "late",
        "text": text,
        "reported_at": f"2024-11-27T07:{number:02d}:00+07:00",
        "reporter": {"id": f"petugas-{number}", "role": role, "institution": institution},
        "tps": f"{VILLAGE}/{tps:03d}",
    }


class Post:
    """A command post: an instance, and what people there do and see."""

    def __init__(self, instance: Instance, folder: Path) -> None:
        self.instance, self._folder = instance, folder
        self._data = str(instance.data)
        self._client = clickhouse_connect.get_client(**instance.settings.clickhouse_client_options)

    def send(self, *reports: dict[str, Any]) -> None:
        file = self._folder / "reports.jsonl"
        file.write_text("".join(json.dumps(one) + "\n" for one in reports))
        posko("send", str(file), "--data", self._data)
        self.drain()

    def drain(self) -> None:
        assert drained(self.instance.settings, 100) == []

    def ask(self, sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self._client.query(sql, parameters=parameters).result_rows]

    def incident_of(self, number: int) -> str:
        """The one incident under which a report is shown."""
        wanted = str(uuid5(SPACE, str(number)))
        [(incident,)] = self.ask("SELECT incident_id FROM posko.reports WHERE report_id = {id:String}", id=wanted)
        return str(incident)

    def state(self, incident: str) -> dict[str, Any]:
        sql = "SELECT * FROM posko.incidents WHERE incident_id = {id:String}"
        [row] = self._client.query(sql, parameters={"id": incident}).named_results()
        return dict(row)

    def actions(self, incident: str) -> list[str]:
        sql = "SELECT action FROM posko.incident_log WHERE incident_id = {id:String} ORDER BY seq"
        return [action for (action,) in self.ask(sql, id=incident)]

    def act(
        self,
        incident: str,
        action: str,
        value: str = "",
        *,
        why: str = "dicek",
        actor: str = "anna",
        seen: int | None = None,
        reports: Sequence[str] = (),
        status: int = 0,
    ) -> str:
        """What `posko act` does, without a process for each: the answer."""
        wish = Wish(incident, action, value, why, reports, False, actor, "operator", "posko", seen)
        answer = acting.run(wish, self.instance.settings, 100, datetime.now(UTC))
        assert answer.status == status, answer.text
        self.drain()  # the answer may be stored before the reports that it moved
        return answer.text

    def tick(self, at: int) -> None:
        """It is `at` (ms) now in the scope's partition."""
        producer = KafkaProducer(bootstrap_servers=self.instance.settings.kafka_address)
        partition = topics.partition_of(SCOPE.encode(), PARTITIONS)
        producer.send(topics.ENRICHED, json.dumps(message.tick(at)).encode(), partition=partition).get(60)
        producer.close()
        self.drain()

    def kill_worker(self) -> None:
        """The worker dies at once; the supervisor starts it again."""
        before = self.instance.service("stream-1").pid
        assert before
        os.kill(before, signal.SIGKILL)

        def back() -> bool:
            service = self.instance.service("stream-1")
            return service.pid not in (None, before) and service.state == "running"

        self.instance.until(back)

    def content(self) -> dict[str, list[tuple[Any, ...]]]:
        return {
            view: sorted(self.ask(f"SELECT * EXCEPT (stored_at) FROM posko.{view} ORDER BY ALL"), key=repr)
            for view in ("reports", "incidents", "incident_log", "notifications")
        }


@pytest.fixture
def post(posko_up: Up, tmp_path: Path) -> Iterator[Post]:
    catalog = tmp_path / "catalog.yaml"
    catalog.write_text('extends: builtin\nnotifications: {wait_s: 1, quiet_from: "00:00", quiet_to: "00:00"}\n')
    options = "--partitions", str(PARTITIONS)
    with posko_up(tmp_path / "instance", free_ports(), *options, env={"POSKO_CATALOG": str(catalog)}) as instance:
        yield Post(instance, tmp_path)


@pytest.mark.timeout(900)
def test_an_incident_from_its_first_report_to_its_solution(post: Post) -> None:
    post.send(
        report(1, "logistik belum tiba di tps 4, perahu kandas", 4),
        report(2, "kotak suara belum sampai, warga menunggu sudah 2 jam", 4, "babinsa", "tni"),
        report(3, "logistik belum tiba, perahu kandas", 9),
    )
    first, other = post.incident_of(1), post.incident_of(3)
    assert post.incident_of(2) == first != other
    state = post.state(first)
    assert (state["reports"], state["institutions"], state["confidence"]) == (2, 2, "corroborated")
    assert state["summary"] == "kotak suara belum sampai, warga menunggu sudah 2 jam"

    # By the worker's own clock: both incidents are one notification.
    post.instance.until(lambda: post.ask("SELECT count() FROM posko.notifications") == [(1,)])
    told = post.ask("SELECT reason, level, count, incidents FROM posko.notifications")
    assert [(reason, level, count, sorted(ids)) for reason, level, count, ids in told] == [
        ("new", 0, 2, sorted([first, other]))
    ]

    # Nobody acts: 16 minutes later it goes to the kabupaten.
    post.tick(int(time.time() * 1000) + 16 * MINUTE)
    assert post.state(first)["escalation"] == 1
    assert "escalate" in post.actions(first)

    # Two people at once: the later one hears who was first.
    seen = post.state(first)["version"]
    assert "acknowledge oleh anna" in post.act(first, "acknowledge", seen=seen)
    said = post.act(first, "acknowledge", seen=seen, actor="budi", status=1)
    assert "Ditolak" in said
    assert "anna (posko) menangani" in said
    post.act(first, "refer", "bawaslu", why="ada dugaan unsur kesengajaan")
    assert post.state(first)["lead_agency"] == "bawaslu"
    assert "tidak dikenal" in post.act("16.71-0000000000", "note", status=1)

    # The second report was about something else.
    moved = str(uuid5(SPACE, "2"))
    post.act(first, "split", reports=[moved], why="kejadian lain")
    own = post.incident_of(2)
    assert own not in (first, other)
    assert (post.state(first)["reports"], post.state(own)["reports"]) == (1, 1)
    post.kill_worker()
    post.send(report(2, "kotak suara belum sampai, warga menunggu sudah 2 jam", 4, "babinsa", "tni"))
    assert post.incident_of(2) == own
    assert post.ask("SELECT incident_id FROM posko.resends") == [(own,)]

    # TPS 9 waits for the same boat.
    post.act(other, "merge", first, why="perahu yang sama")
    assert post.incident_of(3) == first
    assert (post.state(other)["merged_into"], post.state(other)["reports"]) == (first, 0)
    post.send(report(4, "perahu logistik masih kandas, belum tiba", 9, "pps"))
    assert post.incident_of(4) == first
    assert post.state(first)["reports"] == 3

    post.act(first, "verify", "foto perahu")
    assert "tidak dapat" in post.act(first, "reject", status=1)
    words = "act", first, "resolve", "logistik diterima pukul 09.10", "--data", str(post.instance.data)
    assert posko(*words).stdout.startswith(f"{first} versi ")
    post.drain()
    state = post.state(first)
    assert (state["status"], state["confidence"], state["escalate_at"]) == ("resolved", "verified", None)
    steps = [action for action in post.actions(first) if action not in ("notified", "corroborated")]
    assert steps == [
        "opened", "escalate", "acknowledge", "refused", "refer", "split", "merge", "verify", "refused", "resolve",
    ]  # fmt: skip

    # The clock in the log is ahead of the wall's, so the new incident's first deadline has passed as well.
    audited = posko("audit", "escalations", "--data", str(post.instance.data)).stdout
    assert audited.startswith("3 insiden, 3 eskalasi jatuh tempo, 3 dijalankan.")
    assert post.ask("SELECT * FROM (" + queries.load("inconsistent_incidents").sql + ")") == []
    before = post.content()
    posko("rebuild", "--yes", "--data", str(post.instance.data))
    post.drain()
    assert post.content() == before
