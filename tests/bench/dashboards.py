"""How long every panel of every dashboard takes with a national day in the tables.

A day with people who act on it (tests/played_day.py) is copied into as many kabupaten/kota as it takes, as
`posko bench queries` does, its incidents' logs as well. Then each question is asked as Grafana would ask it. At last
viewers open *Situasi* at once, and refresh it while the sink stores (`watching`).
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from clickhouse_connect.driver.client import Client
from rich.table import Table

from dashboards.grafana import asking, checking
from dashboards.grafana.asking import Ask
from dashboards.grafana.checking import Finding
from dashboards.grafana.variables import Place
from posko import context, log
from posko.settings import Settings
from sinks import clickhouse
from tests import played_day, processes
from tests.bench import queries, watching

LIMIT_MS = 500.0  # of the slowest panel of a dashboard
REFRESH_MS = 5000.0  # in which every viewer must have everything
TOGETHER, EVERY, SINK = "Situasi together", "Situasi every 5 s", "The sink"
HOURS = 6
LOG = "incident_log_rows"
ENTRIES = 4_000  # of the log of one day that are copied at once


@dataclass(frozen=True)
class Cost:
    """Milliseconds of one panel, from asking to the last row received."""

    dashboard: str
    panel: str
    p50: float
    most: float
    rows: int
    wrong: str


def measure(
    rows: int, repeat: int, seed: int, viewers: int, port_base: int, say: Callable[[str], None]
) -> tuple[list[Cost], dict[str, int]]:
    """Every question `repeat` times once `rows` reports are stored, then `viewers` at once; how many rows there are.

    Answers are found anew for the first and kept for the second, as the query cache does it (cached.KEEP_S).
    """
    log.configure("warning")
    place = Place(context.load("sumsel-2024").election, "http://127.0.0.1:29004")
    with (
        tempfile.TemporaryDirectory(prefix="posko-bench-") as name,
        processes.engine(Path(name), processes.free_ports(port_base)) as known,
        clickhouse.connect(known) as client,
    ):
        say("Playing a day of Sumatera Selatan with people who act")
        played_day.play(client, int(time.time() * 1000), seed, hours=(4, 24))
        day = int(client.command("SELECT count() FROM posko.reports_rows"))
        queries.fill(client, rows, say)
        copy_logs(client, max(0, -(-rows // day) - 1), say)
        counts = {
            table: int(client.command(f"SELECT count() FROM posko.{table}"))
            for table in ("reports", "incidents", "incident_log")
        }
        say(", ".join(f"{count:,} {table}" for table, count in counts.items()))
        with asking.door(known) as ask:
            found = [checking.check(_anew(ask), place, asking.until_now(HOURS)) for _ in range(repeat)]
        costs = [_cost(same) for same in zip(*found, strict=True)]
        if viewers:
            say(f"{viewers} viewers open Situasi at once")
            costs.append(together(known, place, viewers))
            costs += beside(watching.measure(known, place, viewers, seed, say), viewers)
    return costs, counts


def _anew(ask: Ask) -> Ask:
    return lambda sql, given, span: ask(sql.replace("use_query_cache = 1", "use_query_cache = 0"), given, span)


def together(known: Settings, place: Place, viewers: int) -> Cost:
    """How long until each of so many viewers, who open *Situasi* at the same time, has all of it."""
    span = asking.until_now(HOURS)

    def open_it(_: int) -> tuple[float, str]:
        with asking.door(known) as ask:
            began = time.perf_counter()
            found = checking.check(ask, place, span, ["situasi"])
            wrong = next((one.wrong for one in found if not one.fine), "")
            return 1000 * (time.perf_counter() - began), wrong

    with ThreadPoolExecutor(viewers) as pool:
        done = list(pool.map(open_it, range(viewers)))
    took = [one for one, _ in done]
    wrong = next((wrong for _, wrong in done if wrong), "")
    return Cost(TOGETHER, f"{viewers} viewers, every panel", statistics.median(took), max(took), viewers, wrong)


def beside(seen: watching.Watched, viewers: int) -> list[Cost]:
    """What viewers saw while the sink stored, and what the sink did."""
    refresh = max(seen.refreshes)
    slow = f"a refresh took {refresh / 1000:.1f} s" if refresh > REFRESH_MS else ""
    late = "" if seen.keeps_up else f"{seen.behind_s:.1f} s late"
    what = f"{watching.RATE} reports each second"
    return [
        Cost(EVERY, f"{viewers} viewers, every panel", statistics.median(seen.refreshes), refresh,
             len(seen.refreshes), seen.wrong or slow),
        Cost(SINK, f"{what}, alone", statistics.median(seen.alone), max(seen.alone), len(seen.alone), ""),
        Cost(SINK, f"{what}, beside viewers", statistics.median(seen.beside), max(seen.beside), len(seen.beside), late),
    ]  # fmt: skip


def copy_logs(client: Client, copies: int, say: Callable[[str], None]) -> None:
    """The log of each incident of the day for each of its copies, which are called as `queries.fill` calls them."""
    if not copies:
        return
    columns = [row[0] for row in client.query(f"DESCRIBE TABLE posko.{LOG}").result_rows if row[2] != "MATERIALIZED"]
    values = ", ".join("concat(incident_id, '-', toString(number))" if one == "incident_id" else one for one in columns)
    client.command(
        f"CREATE TABLE posko.day_log ENGINE = Memory AS SELECT *, toUInt32(rowNumberInAllBlocks()) AS place "
        f"FROM (SELECT * FROM posko.{LOG} FINAL)"
    )
    for first in range(0, int(client.command("SELECT count() FROM posko.day_log")), ENTRIES):
        client.command(
            f"INSERT INTO posko.{LOG} ({', '.join(columns)}) SELECT {values} "
            "FROM (SELECT number + 1 AS number FROM numbers({copies:UInt64})) AS copies CROSS JOIN "
            "(SELECT * FROM posko.day_log WHERE place >= {first:UInt32} AND place < {next:UInt32}) AS day",
            parameters={"copies": copies, "first": first, "next": first + ENTRIES},
            settings={"max_block_size": 8192, "min_insert_block_size_rows": 50_000, "max_threads": 1},
        )
    client.command("DROP TABLE posko.day_log")
    say("logs copied")


def _cost(same: Sequence[Finding]) -> Cost:
    took = [one.took_ms for one in same]
    wrong = next((one.wrong for one in same if not one.fine), "")
    return Cost(same[0].where, same[0].what, statistics.median(took), max(took), same[0].rows, wrong)


def slowest(costs: Sequence[Cost]) -> list[Cost]:
    """The slowest panel of each dashboard, by its median."""
    found: dict[str, Cost] = {}
    for cost in costs:
        if cost.dashboard not in found or cost.p50 > found[cost.dashboard].p50:
            found[cost.dashboard] = cost
    return list(found.values())


def holds(costs: Sequence[Cost]) -> bool:
    """Whether every dashboard is quick enough and everything was answered."""
    return all(
        not cost.wrong and cost.p50 < (REFRESH_MS if cost.dashboard in (TOGETHER, EVERY) else LIMIT_MS)
        for cost in costs
    )


def shown(costs: Sequence[Cost], every: bool) -> Table:
    """For people: the slowest panel of each dashboard, or every panel."""
    table = Table("dashboard", "panel", "p50 ms", "most ms", "rows", "quick enough")
    for cost in costs if every else slowest(costs):
        held = cost.wrong or ("yes" if holds([cost]) else "no")
        table.add_row(cost.dashboard, cost.panel, f"{cost.p50:.0f}", f"{cost.most:.0f}", f"{cost.rows:,}", held)
    return table
