"""Subcommands of this room."""

from __future__ import annotations

from typing import Annotated

import typer

from posko.options import ClickHouse, Data, Kafka, LogLevel, PortBase
from producers.gateway import commands as gateway
from producers.hooks import commands as hooks
from producers.imports import commands as imports
from producers.officers import commands as officers
from producers.openrosa import commands as openrosa
from producers.simulator import commands as simulator


def register(app: typer.Typer) -> None:
    """Add this room's subcommands to the `posko` command."""
    app.command()(send)
    app.command()(act)
    gateway.register(app)
    officers.register(app)
    openrosa.register(app)
    hooks.register(app)
    imports.register(app)
    simulator.register(app)


def send(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="One report a line, as JSON; - is standard input.")],
    key: Annotated[str | None, typer.Option(help="Kafka key of every message, instead of each report's own.")] = None,
    data: Data = None,
    port_base: PortBase = None,
    kafka: Kafka = None,
    topic: Annotated[str, typer.Option(help="Topic to send to.")] = "reports",
    log_level: LogLevel = None,
) -> None:
    """Send a file of JSON lines to Kafka; returns when every line is acknowledged."""
    from posko import log, settings
    from producers import send_command

    known = settings.load(data=data, port_base=port_base, kafka=kafka, log_level=log_level)
    log.configure(known.log_level)
    raise typer.Exit(send_command.run(file, known, topic, key))


def act(
    incident: Annotated[str, typer.Argument(metavar="INCIDENT", help="The incident's id, such as 16.71-AB12CD34EF.")],
    action: Annotated[
        str,
        typer.Argument(
            metavar="ACTION",
            help="acknowledge, verify, reject, assign, refer, note, resolve, reopen, severity, escalate, split, merge, "
            "confirm_link, refuse_link or silence.",
        ),
    ],
    value: Annotated[
        str,
        typer.Argument(
            metavar="[VALUE]",
            help="verify: the proof; assign: to whom; refer: the agency's code; resolve: the outcome; severity: 1-5; "
            "escalate: 1 or 2; merge and links: the other incident; silence: minutes, 0 ends it.",
        ),
    ] = "",
    why: Annotated[str, typer.Option(help="The reason, or the note.")] = "",
    report: Annotated[list[str] | None, typer.Option(help="split: a report that moves; may be repeated.")] = None,
    group: Annotated[bool, typer.Option("--group", help="silence: the incident's whole group.")] = False,
    actor: Annotated[str | None, typer.Option(help="Who acts. [default: the user of this machine]")] = None,
    role: Annotated[str, typer.Option(help="Their role, a code of the catalogue.")] = "operator",
    institution: Annotated[str, typer.Option(help="Their institution, a code of the catalogue.")] = "posko",
    expected_version: Annotated[
        int | None, typer.Option(help="The version that was seen: refused when somebody has acted since.")
    ] = None,
    timeout: Annotated[float, typer.Option(help="Seconds to wait for the answer.")] = 30.0,
    data: Data = None,
    port_base: PortBase = None,
    kafka: Kafka = None,
    clickhouse: ClickHouse = None,
) -> None:
    """Do something with an incident and wait for the answer: status 0 done, 1 refused, 3 no answer yet."""
    import getpass
    from datetime import UTC, datetime

    from posko import log, settings
    from producers import act as acting

    known = settings.load(data=data, port_base=port_base, kafka=kafka, clickhouse=clickhouse)
    log.configure(known.log_level)
    wish = acting.Wish(
        incident,
        action,
        value,
        why,
        report or [],
        group,
        actor or getpass.getuser(),
        role,
        institution,
        expected_version,
    )
    answer = acting.run(wish, known, timeout, datetime.now(UTC))
    typer.echo(answer.text, err=answer.status != acting.DONE)
    raise typer.Exit(answer.status)
