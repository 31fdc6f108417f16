"""`posko sitrep`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from posko.options import Data, Election, PortBase


def sitrep(
    hours: Annotated[int, typer.Option(min=1, max=72, help="The last so many hours.")] = 12,
    area: Annotated[
        list[str] | None, typer.Option(help="Code of a kabupaten/kota or kecamatan; may be repeated. None: everywhere.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="HTML file to write; default: sitrep.html.")] = None,
    pdf: Annotated[Path | None, typer.Option(help="PDF to write, printed by an installed Chromium.")] = None,
    election: Election = None,
    data: Data = None,
    port_base: PortBase = None,
    clickhouse: Annotated[
        str | None, typer.Option("--clickhouse", help="ClickHouse's address, http(s)://host:port.")
    ] = None,
) -> None:
    """Write the situation report of the last hours, for the morning briefing: two pages of A4 in Indonesian."""
    from datetime import UTC, datetime

    from dashboards.grafana import asking
    from dashboards.sitrep import area as areas
    from dashboards.sitrep import page
    from dashboards.sitrep import pdf as printing
    from posko import context, settings

    known = settings.load(data=data, port_base=port_base, clickhouse=clickhouse, election=election)
    if pdf is not None:
        printing.browser()
    if out is None and pdf is None:
        out = Path("sitrep.html")
    about = context.load(known.election)
    chosen = areas.chosen(area or (), about.regions)
    try:
        with asking.door(known, through_grafana=False) as ask:
            html = page.render(ask, about, known.board_address, chosen, hours, datetime.now(UTC))
    except asking.Refused as error:
        raise settings.SettingsError(f"ClickHouse at {known.clickhouse_url} did not answer: {error}") from error
    if out is not None:
        try:
            out.write_text(html, encoding="utf-8")
        except OSError as error:
            raise settings.SettingsError(f"{out} cannot be written: {error.strerror}") from error
        typer.echo(str(out))
    if pdf is not None:
        printing.write(html, pdf)
        typer.echo(str(pdf))
