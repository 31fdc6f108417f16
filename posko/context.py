"""Everything the domain needs to know about one election, loaded once when a process starts."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from posko.catalog import Catalog
from posko.election import Election, ElectionError
from posko.regions import Regions, RegionsError
from posko.settings import Settings, SettingsError


class Context(NamedTuple):
    """An election with its catalogue and its regions."""

    election: Election
    catalog: Catalog
    regions: Regions


def load(election: str, catalog: Path | None = None) -> Context:
    """The context of a shipped election (`sumsel-2024`) or of an election file.

    `catalog` is a catalogue of one's own; without it the one of POSKO_CATALOG, else the built-in one.
    Raises SettingsError when something is missing or wrong; its text says what to do.
    """
    try:
        chosen = Election.load(election)
        regions = Regions.load(chosen.area, imported=chosen.regions, tps_total=chosen.tps_total)
    except (ElectionError, RegionsError) as error:
        raise SettingsError(str(error)) from error
    return Context(chosen, Catalog.load(catalog or Settings().catalog), regions)
