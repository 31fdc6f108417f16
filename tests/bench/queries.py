"""How long every saved question takes on the tables of a national day.

One simulated day goes through the real intake and correlate and the sink's own writer; the engine then copies its rows
into as many kabupaten/kota as it takes, through the same views. So each kabupaten has the incidents and texts of a real
one; ids, places and positions in Kafka are all different.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from clickhouse_connect.driver.client import Client
from rich.table import Table

from posko import context, log, topics
from posko.correlate import Correlator
from posko.intake import Intake
from posko.regions.nation import nation
from posko.report import Invalid
from producers.simulator import run
from sinks import clickhouse, migrate, queries
from sinks.later import COUNTED
from sinks.writer import Writer
from tests import processes
from tests.played_day import Stored

LIMIT_MS = 200.0  # of p95, for questions that dashboards ask again and again
EXPORTS = frozenset({"assignments", "escalation_log", "inconsistent_incidents"})  # lists of everything
BATCH = 20_000
_REPORTS, _INCIDENTS = "reports_rows", "incidents_rows"
# "Forty reports of one event": more than nearly all incidents have.
_FORTY = "SELECT incident_id FROM posko.incidents WHERE reports >= 40 ORDER BY reports, incident_id LIMIT 1"
_SMALL = {"max_block_size": 8192, "min_insert_block_size_rows": 20_000, "max_threads": 1}  # the engine bounds memory
_ROWS = 20_000  # in one insert: the engine gives a statement 400 MiB
_SPAN = 10_000_000  # offsets in Kafka between two copies


@dataclass(frozen=True)
class Cost:
    """Milliseconds of one saved question, from asking to the last row received."""

    name: str
    p50: float
    p95: float
    rows: int

    @property
    def holds(self) -> bool:
        """Whether it is as fast as a dashboard needs."""
        return self.name in EXPORTS or self.p95 < LIMIT_MS


def measure(rows: int, repeat: int, seed: int, port_base: int, say: Callable[[str], None]) -> list[Cost]:
    """Each saved question with its defaults, `repeat` times, once `rows` reports are stored."""
    log.configure("warning")
    with (
        tempfile.TemporaryDirectory(prefix="posko-bench-") as name,
        processes.engine(Path(name), processes.free_ports(port_base)) as known,
    ):
        client = clickhouse.connect(known)
        migrate.apply(client)
        say("Playing a day of Sumatera Selatan")
        _write(client, seed)
        fill(client, rows, say)
        reports, incidents = (
            int(client.command(f"SELECT count() FROM posko.{name}")) for name in ("reports", "incidents")
        )
        say(f"{reports:,} reports in {incidents:,} incidents are stored")
        return [_cost(client, queries.load(name), repeat) for name in queries.names()]


def _write(client: Client, seed: int) -> None:
    """One day through intake, correlate and the sink's writer, received until now."""
    known = context.load("sumsel-2024")
    options: dict[str, Any] = {
        "size": "day",
        "reports": None,
        "hours": (4, 24),
        "speed": 0.0,
        "rate": 0.0,
        "duration": 0.0,
    }
    day = run.plan(known, seed=seed, **options).day
    intake, state, writer = (
        Intake(known.election, known.catalog, known.regions),
        Correlator(known.catalog),
        Writer(client),
    )
    later = int(time.time() * 1000) - day.span.end
    batch: list[dict[str, Any]] = []
    for offset, message in enumerate(day.messages()):
        try:
            batch.append(intake.enrich(message.value, message.at + later, 0, offset))
        except Invalid:
            continue
        if len(batch) == BATCH:
            _store(writer, state, batch)
            batch = []
    _store(writer, state, batch)


def _store(writer: Writer, state: Correlator, batch: list[dict[str, Any]]) -> None:
    outcome = state.apply(batch)
    for topic, found, store in (
        (topics.MATCHED, outcome.matched, writer.matched), (topics.INCIDENTS, outcome.incidents, writer.incidents)
    ):  # fmt: skip
        store([Stored(topic, 0, n, 0, b"", orjson.dumps(message)) for n, message in enumerate(found)])
    writer.settle()


def fill(client: Client, rows: int, say: Callable[[str], None]) -> None:
    """Copy what is stored into other kabupaten/kota until there are `rows` reports, in the order of their arrival."""
    there = int(client.command("SELECT count() FROM posko.reports_rows"))
    copies = max(0, -(-rows // there) - 1)
    for table in (_REPORTS, _INCIDENTS):  # the day as it was, apart from its copies
        order = "received_at" if table == _REPORTS else "incident_id"
        client.command(
            f"CREATE TABLE posko.day_{table} ENGINE = Memory AS "
            f"SELECT *, toUInt32(rowNumberInAllBlocks()) AS place "
            f"FROM (SELECT * FROM posko.{table} FINAL ORDER BY {order})"
        )
    for table in (_REPORTS, _INCIDENTS):
        statement, step = _copy(client, table), max(1, _ROWS // max(1, copies))
        for first in range(0, int(client.command(f"SELECT count() FROM posko.day_{table}")), step):
            given = {"first": first, "next": first + step, "copies": copies}
            client.command(statement, parameters=given, settings=_SMALL)
            if first // step % 20 == 0:
                say(f"{table}: {first * copies:,} rows")
    for table in (_REPORTS, _INCIDENTS):
        client.command(f"DROP TABLE posko.day_{table}")
    counted = ", ".join(COUNTED)
    client.command(
        f"INSERT INTO posko.counted_in ({counted}) SELECT {counted} FROM posko.reports_rows", settings=_SMALL
    )


def _copy(client: Client, table: str) -> str:
    """SQL that stores {copies} copies of the day from its row {first} to {next}, as if they had come from Kafka."""
    columns = [row[0] for row in client.query(f"DESCRIBE TABLE posko.{table}").result_rows if row[2] != "MATERIALIZED"]
    regencies = [code for province in nation().children("") for code in nation().children(province)]
    its = [
        row[0] for row in client.query(f"SELECT DISTINCT regency FROM posko.{table} WHERE regency != ''").result_rows
    ]
    place = f"(indexOf({sorted(its)}, regency) + number * {len(its)}) % {len(regencies)} + 1"
    where = f"if(regency = '', '', arrayElement({regencies}, {place}))"
    made = {
        "report_id": "generateUUIDv4()", "incident_id": "concat(incident_id, '-', toString(number))",
        "source_offset": f"source_offset + number * {_SPAN}",
        "province": "substring(its, 1, 2)", "regency": "its",
        **{name: f"if({name} = '', '', concat(its, substring({name}, 6)))" for name in ("district", "village", "tps")},
        "scope": "if(length(scope) = 5, its, concat(scope, '-', toString(number)))",
    }  # fmt: skip
    values = ", ".join(made.get(name, f"day.{name}") for name in columns)
    return (
        f"INSERT INTO posko.{table} ({', '.join(columns)}) WITH {where} AS its SELECT {values} "
        "FROM (SELECT number + 1 AS number FROM numbers({copies:UInt64})) AS copies CROSS JOIN "
        f"(SELECT * FROM posko.day_{table} WHERE place >= {{first:UInt32}} AND place < {{next:UInt32}}) AS day"
    )


def _cost(client: Client, question: queries.Question, repeat: int) -> Cost:
    given = dict(question.params)
    if "incident_id" in given:
        given["incident_id"] = client.command(_FORTY)
    took, rows = [], 0
    for _ in range(1 if question.name in EXPORTS else repeat):
        began = time.perf_counter()
        rows = len(client.query(question.sql, parameters=given).result_rows)
        took.append(1000 * (time.perf_counter() - began))
    took.sort()
    return Cost(question.name, statistics.median(took), took[min(len(took) - 1, int(0.95 * len(took)))], rows)


def shown(costs: Sequence[Cost]) -> Table:
    """For people."""
    table = Table("question", "p50 ms", "p95 ms", "rows", f"under {LIMIT_MS:.0f} ms")
    for cost in sorted(costs, key=lambda cost: -cost.p95):
        holds = "export" if cost.name in EXPORTS else "yes" if cost.holds else "no"
        table.add_row(cost.name, f"{cost.p50:.1f}", f"{cost.p95:.1f}", f"{cost.rows:,}", holds)
    return table
