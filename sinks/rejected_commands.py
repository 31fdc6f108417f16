"""`posko rejected list|show|replay`."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from posko.errors import first_line
from posko.options import ClickHouse, Data, Kafka, PortBase
from sinks.options import failed, settings_of

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

    from posko.settings import Settings
    from sinks.rejected import Filter, Rejected

SHOWN = 4000  # characters of a value
COLUMNS = ("place", "received_at", "reason", "field", "detail", "size", "replays")

Reason = Annotated[str, typer.Option(help="Only with this reason, such as internal_error.")]
Field = Annotated[str, typer.Option(help="Only about this field.")]
Topic = Annotated[str, typer.Option(help="Only from this topic: reports, reports.enriched.")]
Since = Annotated[str | None, typer.Option(help="Received at this time or later: 2024-11-27T06:00, or 2h, 1d ago.")]
Until = Annotated[str | None, typer.Option(help="Received before this time.")]

group = typer.Typer(
    no_args_is_help=True, help="Messages that were rejected: look at them, send them again after a fix."
)


def register(app: typer.Typer) -> None:
    """Add the group to the `posko` command."""
    app.add_typer(group, name="rejected")


@group.command("list")
def listed(
    reason: Reason = "",
    field: Field = "",
    topic: Topic = "",
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the latest.")] = 50,
    output: Annotated[str, typer.Option("--format", help="table, json (one object a line) or csv.")] = "table",
    data: Data = None,
    port_base: PortBase = None,
    clickhouse: ClickHouse = None,
) -> None:
    """List rejected messages, the latest first, without their content."""
    from sinks import rejected

    writers = {"table": _table, "json": _json, "csv": _csv}
    if output not in writers:
        raise failed(f"--format {output}: there are {', '.join(writers)}", 2)
    wanted = _filter(reason, field, topic, since, until)
    with _client(settings_of(data, port_base, clickhouse)) as client:
        writers[output](rejected.latest(client, wanted, limit))
        if output == "table":
            typer.echo(f"{rejected.count(client, wanted)} in all", err=True)


@group.command()
def show(
    place: Annotated[str, typer.Argument(metavar="TOPIC/PARTITION/OFFSET", help="As list shows it.")],
    full: Annotated[bool, typer.Option("--full", help="The whole value, however long.")] = False,
    data: Data = None,
    port_base: PortBase = None,
    clickhouse: ClickHouse = None,
) -> None:
    """Show one rejected message with its content. It may name people: for operators only."""
    from sinks import rejected

    try:
        wanted = rejected.Place.of(place)
    except rejected.BadFilter as error:
        raise failed(str(error), 2) from error
    with _client(settings_of(data, port_base, clickhouse)) as client:
        row = rejected.find(client, wanted)
        if row is None:
            raise failed(f"No message {wanted} was rejected; posko rejected list shows those that were")
        content = rejected.contents(client, [wanted])[wanted]
    for name, value in _row(row).items():
        typer.echo(f"{name + ':':<13}{safe(str(value))}")
    typer.echo(f"{'key:':<13}{_shown(content.key, full)}")
    if content.traceback:
        typer.echo(f"traceback:\n{safe(content.traceback)}")
    typer.echo(f"value:\n{_shown(content.value, full)}")


@group.command()
def replay(
    reason: Reason = "",
    field: Field = "",
    topic: Topic = "",
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, typer.Option(min=0, help="At most so many, the first; 0 means all.")] = 0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say how many would be sent.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Also those that were sent again before.")] = False,
    data: Data = None,
    port_base: PortBase = None,
    kafka: Kafka = None,
    clickhouse: ClickHouse = None,
) -> None:
    """Send rejected messages again to where they came from, unchanged: after a fix they pass. Each is sent once."""
    from dataclasses import replace

    from posko.log import configure
    from sinks import rejected
    from sinks.replay import Replay, ReplayError

    known = settings_of(data, port_base, clickhouse, kafka)
    configure(known.log_level)
    wanted = replace(_filter(reason, field, topic, since, until), not_replayed=not again, sendable=True)
    with _client(known) as client:
        try:
            with Replay(client, known.kafka_address) as replaying:
                if recovered := 0 if dry_run else replaying.recover():
                    typer.echo(f"{recovered} messages had been sent by a command that was interrupted", err=True)
                total = rejected.count(client, wanted)
                total = min(total, limit) if limit else total
                if dry_run:
                    typer.echo(f"{total} messages would be sent again")
                    return
                with _progress(total) as moved:
                    sent = replaying.send(wanted, limit, moved)
        except ReplayError as error:
            raise failed(str(error)) from error
    typer.echo(f"{sent} messages sent again")


def safe(text: str) -> str:
    """Text that cannot steer a terminal: everything but printable characters and line ends is escaped."""
    return "".join(
        char if char.isprintable() or char == "\n" else char.encode("unicode_escape").decode() for char in text
    )


def _shown(value: bytes | None, full: bool) -> str:
    if value is None:
        return "(null)"
    text = safe(value.decode("utf-8", "backslashreplace"))
    if full or len(text) <= SHOWN:
        return text
    return f"{text[:SHOWN]}\n... {len(text) - SHOWN} more characters; --full shows all"


def _filter(reason: str, field: str, topic: str, since: str | None, until: str | None) -> Filter:
    from sinks import rejected

    now = datetime.now(UTC)
    try:
        moments = [rejected.moment(text, now) if text else None for text in (since, until)]
    except rejected.BadFilter as error:
        raise failed(str(error), 2) from error
    return rejected.Filter(reason, field, topic, moments[0], moments[1])


def _row(row: Rejected) -> dict[str, Any]:
    values = {**vars(row), "place": str(row.place), "received_at": row.received_at.isoformat(timespec="milliseconds")}
    return {name: values[name] for name in COLUMNS}


def _table(rows: list[Rejected]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in COLUMNS:
        right, whole = column in ("size", "replays"), column in ("place", "received_at")
        table.add_column(column, justify="right" if right else "left", no_wrap=whole)
    for row in rows:
        table.add_row(*(safe(str(value)) for value in _row(row).values()))
    Console(markup=False, highlight=False, width=None if sys.stdout.isatty() else 200).print(table)


def _json(rows: list[Rejected]) -> None:
    for row in rows:
        typer.echo(json.dumps(_row(row), ensure_ascii=False))


def _csv(rows: list[Rejected]) -> None:
    writer = csv.DictWriter(sys.stdout, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(map(_row, rows))


@contextmanager
def _progress(total: int) -> Iterator[Any]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn("sending again"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("", total=total)
        yield lambda count: progress.advance(task, count)


@contextmanager
def _client(known: Settings) -> Iterator[Client]:
    """A client; errors of ClickHouse and Kafka become one line."""
    import logging

    from clickhouse_connect.driver.exceptions import ClickHouseError
    from kafka.errors import KafkaError
    from urllib3.exceptions import HTTPError

    from sinks import clickhouse

    logging.getLogger("clickhouse_connect").setLevel(logging.CRITICAL)  # said below
    try:
        client = clickhouse.connect(known)
        try:
            yield client
        finally:
            client.close()
    except (ClickHouseError, HTTPError, KafkaError, OSError) as error:
        raise failed(first_line(error, 1000)) from error
