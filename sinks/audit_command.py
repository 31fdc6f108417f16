"""`posko audit escalations`: did every escalation that was due run?"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import Annotated, Any

import typer

from posko.options import ClickHouse, Data, PortBase
from sinks.options import settings_of

audits = typer.Typer(name="audit", help="Check what the system promises against what is stored.", no_args_is_help=True)


@audits.callback()
def _about() -> None:
    """Check what the system promises against what is stored."""


@audits.command()
def escalations(
    grace: Annotated[float, typer.Option(help="Seconds after which an escalation counts as late.")] = 60.0,
    data: Data = None,
    port_base: PortBase = None,
    clickhouse: ClickHouse = None,
) -> None:
    """Prove from the incidents' logs that every missed deadline was escalated; status 1 when one was not."""
    from posko.life.audit import audit
    from sinks import queries
    from sinks.clickhouse import connect

    rows = connect(settings_of(data, port_base, clickhouse)).query(queries.load("escalation_log").sql).named_results()
    found = audit(logs(rows), int(time.time() * 1000), int(grace * 1000))
    typer.echo(f"{found.incidents} insiden, {found.due} eskalasi jatuh tempo, {found.ran} dijalankan.")
    for one in found.findings:
        typer.echo(f"  {one.what}: {one.incident_id} langkah {one.seq}, terlambat {one.late_ms / 1000:.0f} detik")
    if not found.proven:
        raise typer.Exit(1)


def logs(rows: Iterable[dict[str, Any]]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Rows ordered by incident and seq, as one log for each incident."""
    for incident, events in groupby(rows, key=itemgetter("incident_id")):
        yield incident, list(events)
