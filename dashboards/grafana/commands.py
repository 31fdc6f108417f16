"""`posko dashboards build|push|check|render`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from posko.options import ClickHouse, Data, Election, PortBase

if TYPE_CHECKING:
    from dashboards.grafana.variables import Place
    from posko.settings import Settings

dashboards = typer.Typer(no_args_is_help=True, help="Grafana dashboards, built from code.")

Board = Annotated[str, typer.Option(help="Address of the triage board as browsers see it; default: this instance's.")]


@dashboards.command()
def build(
    out: Annotated[Path, typer.Option(help="Folder for the files; made when missing.")] = Path("dashboards-out"),
    seen_as: Annotated[str, typer.Option(help="That folder as Grafana sees it.")] = "/dashboards",
    grafana_clickhouse: Annotated[
        str, typer.Option(help="ClickHouse's address as Grafana sees it.")
    ] = "http://clickhouse:8123",
    election: Election = None,
    board: Board = "",
) -> None:
    """Write the dashboards as JSON, and provisioning files for a Grafana beside them (data source, alert rules)."""
    from dashboards.grafana import files
    from posko import settings

    for path in files.write(out, _place(settings.load(election=election), board), seen_as, grafana_clickhouse):
        typer.echo(str(path))


@dashboards.command()
def push(
    notify: Annotated[
        str, typer.Option(help="Whom alerts go to: e-mail address, or http(s) address of a webhook.")
    ] = "",
    election: Election = None,
    board: Board = "",
    data: Data = None,
    port_base: PortBase = None,
) -> None:
    """Create or update data source, dashboards, alert rules and playlist in a running Grafana.

    POSKO_GRAFANA says where it is, POSKO_GRAFANA_TOKEN is a service account token of role Admin.
    """
    from dashboards.grafana import push as pusher
    from posko import settings

    known = settings.load(data=data, port_base=port_base, election=election)
    for line in pusher.push(known, _place(known, board), notify):
        typer.echo(line)


@dashboards.command()
def check(
    hours: Annotated[float, typer.Option(min=0.1, help="Ask as if the last so many hours were chosen.")] = 24,
    election: Election = None,
    data: Data = None,
    port_base: PortBase = None,
    clickhouse: ClickHouse = None,
) -> None:
    """Ask every panel's, variable's and alert rule's question; fail on an error, an empty answer, a missing column.

    With POSKO_GRAFANA the questions go through that Grafana, as its panels would ask them.
    """
    from rich.console import Console

    from dashboards.grafana import asking, checking
    from posko import settings

    known = settings.load(data=data, port_base=port_base, clickhouse=clickhouse, election=election)
    with asking.door(known) as ask:
        found = checking.check(ask, _place(known, ""), asking.until_now(hours))
    Console().print(checking.shown(found))
    if not all(one.fine for one in found):
        raise typer.Exit(1)


@dashboards.command()
def render(
    out: Annotated[Path, typer.Argument(help="HTML file to write.")],
    page: Annotated[list[str] | None, typer.Option(help="Only this dashboard; may be repeated.")] = None,
    hours: Annotated[float, typer.Option(min=0.1, help="The last so many hours.")] = 6,
    election: Election = None,
    board: Board = "",
    data: Data = None,
    port_base: PortBase = None,
    clickhouse: ClickHouse = None,
) -> None:
    """Write what the dashboards show now as one HTML page, from the same questions, for those without Grafana."""
    from dashboards.grafana import asking
    from dashboards.grafana.pages import PAGES
    from dashboards.grafana.still.page import render as still
    from posko import settings

    if unknown := set(page or ()) - PAGES.keys():
        raise settings.SettingsError(
            f"There is no dashboard {', '.join(sorted(unknown))}; there are {', '.join(PAGES)}"
        )
    known = settings.load(data=data, port_base=port_base, clickhouse=clickhouse, election=election)
    with asking.door(known, through_grafana=False) as ask:
        text = still(ask, _place(known, board), asking.until_now(hours), page or list(PAGES))
    out.write_text(text, encoding="utf-8")
    typer.echo(str(out))


def _place(known: Settings, board: str) -> Place:
    from dashboards.grafana.variables import Place
    from posko import context

    return Place(context.load(known.election).election, board or f"http://127.0.0.1:{known.port('board')}")
