"""What each role may do, and where: asked by every page and by every action, never by the browser."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from posko import incident
from posko.regions import codes

_OPERATOR = frozenset({
    "acknowledge", "verify", "assign", "refer", "note", "resolve", "reopen", "escalate", "confirm_link", "refuse_link",
})  # fmt: skip
_VERIFIER = _OPERATOR | {"reject", "severity", "split", "merge"}
ROLES: dict[str, frozenset[str]] = {
    "viewer": frozenset(),
    "operator": _OPERATOR,
    "verifier": _VERIFIER,
    "commander": frozenset(incident.ACTIONS),
}
UNMASK = frozenset({"verifier", "commander"})  # may see who a reporter is, one by one, each time logged
HAND_OVER = frozenset({"operator", "verifier", "commander"})


class Placed(Protocol):
    """What lies somewhere: codes, `""` where not known."""

    @property
    def province(self) -> str: ...
    @property
    def regency(self) -> str: ...
    @property
    def district(self) -> str: ...
    @property
    def village(self) -> str: ...


def place(one: Placed) -> str:
    """The code of the smallest known region."""
    return one.village or one.district or one.regency or one.province


def sees(areas: Sequence[str], one: Placed) -> bool:
    """Whether somebody responsible for `areas` (none: everywhere) sees this: where it is, as precisely as
    is known, lies in one of them."""
    return not areas or any(codes.covers(area, place(one)) for area in areas)


def may(role: str, action: str) -> bool:
    """Whether the role may do this at all."""
    return action in ROLES.get(role, frozenset())


def normalised(areas: Sequence[str]) -> tuple[str, ...]:
    """Dotted codes. Raises ValueError that names what is none."""
    found = [codes.normalise(area) for area in areas]
    if wrong := [area for area, code in zip(areas, found, strict=True) if not code]:
        raise ValueError(f"{', '.join(wrong)}: no Kemendagri code of a province, kabupaten/kota or kecamatan")
    return tuple(code for code in found if code)
