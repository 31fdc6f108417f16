"""Who reports: officers by role and unit, each with a stable pseudonymous id and habits of their own."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate

from posko.catalog import Catalog
from producers.simulator.grammar import Random, read
from producers.simulator.style import Hand, pick
from producers.simulator.world import Village

UNITS = ("tps", "village", "district", "regency")
VILLAGE_OFFICE = "village_office"  # in a mix: the kepala desa, or the lurah where the village is a kelurahan


@dataclass(frozen=True, slots=True)
class Role:
    """A role as the simulator plays it; `unit` is what a person of this role belongs to, `count` how many each unit
    has."""

    code: str
    institution: str
    prefix: str
    unit: str
    count: int
    register: str  # formal, plain, news
    selves: tuple[str, ...]
    channels: tuple[str, ...]  # as often as their weight


@dataclass(frozen=True, slots=True)
class Person:
    """A reporter and their phone."""

    id: str
    role: Role
    hand: Hand
    channel: str
    wordy: float  # 0 says the least, 1 tells everything
    precise: float  # 0 to 1: how readily the place is given in fields
    skew_ms: int  # the phone's clock, ahead when positive


class People:
    """All reporters of an area; they are not stored but derived from the seed and their id whenever they are met."""

    def __init__(self, seed: int, catalog: Catalog) -> None:
        """Raises ValueError when the data files name a role or institution that the catalogue does not have."""
        data = read("people")
        self._salt = hashlib.blake2b(str(seed).encode(), digest_size=16).digest()
        unknown = data["roles"].keys() - catalog.roles.keys()
        if unknown:
            raise ValueError(f"people.yaml: the catalogue has no role {', '.join(sorted(unknown))}")
        self.roles = {code: _role(code, entry, catalog) for code, entry in data["roles"].items()}
        self._mixes = {
            name: (tuple(mix), list(accumulate(mix.values()))) for name, mix in data["mixes"].items()
        }  # fmt: skip

    def role(self, mix: str, village: Village, random: Random) -> Role:
        """A role drawn from the mix of a category."""
        codes, sums = self._mixes[mix]
        code = codes[bisect_right(sums, random() * sums[-1], 0, len(sums) - 1)]
        if code == VILLAGE_OFFICE:
            code = "lurah" if village.code[9] == "1" else "kepala_desa"
        return self.roles[code]

    def has_mix(self, name: str) -> bool:
        """Whether the data file says who tells about this."""
        return name in self._mixes

    def person(self, role: Role, village: Village, tps: int, random: Random) -> Person:
        """One of those who hold the role at this polling station, or in its village, kecamatan or kabupaten."""
        number = 1 + int(random() * role.count)
        return self.met(role, unit_of(role, village, tps), number)

    def met(self, role: Role, unit: str, number: int) -> Person:
        """The person with this number in a unit: always the same habits."""
        identity = f"{role.prefix}-{unit}-{number}"
        habits = hashlib.blake2b(identity.encode(), digest_size=10, key=self._salt).digest()
        return _person(identity, role, [value / 256 for value in habits])


def unit_of(role: Role, village: Village, tps: int) -> str:
    """The code of what a person of this role belongs to; for a polling station `16.71.01.1001-007`."""
    if role.unit == "tps":
        return f"{village.code}-{tps:03d}"
    return {"village": village.code, "district": village.district, "regency": village.regency}[role.unit]


def _role(code: str, entry: dict, catalog: Catalog) -> Role:
    channels = tuple(name for name, weight in entry["channels"].items() for _ in range(weight))
    return Role(
        code, catalog.roles[code].institution, entry["id"], entry["of"], entry["count"], entry["register"],
        tuple(entry["self"]), channels,
    )  # fmt: skip


def _person(identity: str, role: Role, habit: list[float]) -> Person:
    formal, news = role.register == "formal", role.register == "news"
    channel = role.channels[int(habit[0] * len(role.channels))]
    sms = channel == "sms"
    hand = Hand(
        dialect=0.0 if news or habit[1] < (0.7 if formal else 0.45) else min(0.85, habit[2] * 0.9 + 0.1),
        short=0.0 if news else min(0.9, habit[3] * (0.5 if formal else 0.7) + (0.25 if sms else 0.0)),
        typos=0.004 if news else 0.09 * habit[4] ** 3 + 0.004,
        capitals=_capitals(habit[5], role.register, sms),
        stop=". " if news else pick(_STOPS_FORMAL if formal else _STOPS, lambda: habit[6]),
    )
    return Person(
        identity, role, hand, channel,
        wordy=min(1.0, 0.35 + 0.6 * habit[7]) if formal or news else habit[7] * (0.7 if sms else 1.0),
        precise=habit[8],
        skew_ms=_skew(habit[9], habit[6]),
    )  # fmt: skip


_STOPS = (". ", ". ", ", ", ", ", " ", " ", "\n", "... ", "! ", "!! ", " - ", "; ", ".")
_STOPS_FORMAL = (". ", ". ", ". ", ", ", "\n", "; ")


def _capitals(habit: float, register: str, sms: bool) -> str:
    if register == "news":
        return "sentence"
    if habit < (0.12 if sms else 0.05):
        return "upper"
    if register == "formal":
        return "sentence" if habit < 0.75 else "as_written"
    return "lower" if habit < 0.42 else "sentence" if habit < 0.8 else "as_written"


def _skew(habit: float, sign: float) -> int:
    """Milliseconds: most phones are right to some seconds, some minutes off."""
    seconds = 20 * habit if habit < 0.9 else 60 + (habit - 0.9) * 4000
    return int(seconds * 1000) * (1 if sign < 0.5 else -1)
