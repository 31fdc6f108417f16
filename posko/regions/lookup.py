"""What `posko regions show` prints: a region with its parts, or the places that a text names."""

from __future__ import annotations

from posko.regions.build import Region
from posko.regions.imported import RegionsError
from posko.regions.spelling import display
from posko.regions.table import Regions
from posko.regions.tps import numbers

MAX_PARTS = 60  # lines


def describe(regions: Regions, place: str, within: str = "") -> str:
    """A page about a region (by code) or about the places in a text. RegionsError for a code that does not exist."""
    home = regions.normalise_code(within) if within else ""
    if home is None or (home and regions.get(home) is None):
        raise RegionsError(f"{within!r} is the code of no region; give one such as 16.71")
    code = regions.normalise_code(place)
    if code is None:
        return _text(regions, place, home)
    region = regions.get(code)
    if region is None:
        raise RegionsError(f"There is no region {code}; look its parent up, or give a name instead")
    return _region(regions, region)


def _region(regions: Regions, region: Region) -> str:
    lines = [f"{region.code}  {regions.name_of(region.code)}", f"official name  {region.name} ({region.level})"]
    if region.lat is not None and region.lng is not None:
        lines.append(f"middle  {region.lat:.4f}, {region.lng:.4f}")
    if region.tps is not None:
        lines.append(f"TPS  {region.tps}{'' if region.tps_exact else ' (shared out from a total, not official)'}")
    if not regions.inside(region.code):
        lines.append(f"outside the configured area {regions.area}")
    parts = regions.children(region.code)
    for code in parts[:MAX_PARTS]:
        if part := regions.get(code):
            lines.append(f"  {code}  {display(part.name)}" + (f"  {part.tps} TPS" if part.tps is not None else ""))
    if len(parts) > MAX_PARTS:
        lines.append(f"  ... and {len(parts) - MAX_PARTS} more")
    return "\n".join(lines)


def _text(regions: Regions, text: str, within: str) -> str:
    lines = [
        f'"{text[one.span[0] : one.span[1]]}"  {one.code}  {regions.name_of(one.code)}  {one.score:.2f}'
        + (" (several places have this name; this holds them all)" if one.score < 0.5 else "")
        for one in regions.find(text, within)
    ]
    lines += [f"TPS {number}" for number in numbers(text)]
    return "\n".join(lines) or "No place found."
