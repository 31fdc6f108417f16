"""Thresholds and weights by category and kind, from posko/data/matching.yaml and the catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from posko.matching.features import ReportFeatures
from posko.settings import SettingsError
from posko.shipped import content

HOUR_MS = 3_600_000
_TELLS = -4  # points
DETAILS = (
    "same_file",
    "amount_same",
    "amount_other",
    "station_other",
    "candidate_same",
    "candidate_other",
    "date_same",
    "office_same",
    "about_same",
    "race_other",
)
MISSING = ("missing", "missing", "missing_place", "missing_race")  # for each of features.NAMED
WORDS = ("zero", "each", "length", "none", "floor", "ceiling")


@dataclass(frozen=True, slots=True)
class Rules:
    """Rules for one category and kind. All but the times are points: log2 of how much likelier the evidence makes the
    same event."""

    start: float
    join: float
    suggest: float
    margin: float
    content: int
    window_ms: int
    time_same: float
    time_half_ms: float
    time_floor: float
    kind_same: float
    kind_other: float
    kind_unknown: float
    frame_same: float
    frame_other: float
    frame_against: float
    after_over: float
    same_file: float
    amount_same: float
    amount_other: float
    station_other: float
    candidate_same: float
    candidate_other: float
    half_said: tuple[float, ...]  # for each of features.NAMED
    date_same: float
    office_same: float
    about_same: float
    race_other: float
    most_agrees: float
    words_zero: float
    words_each: float
    words_length: float
    words_none: float
    words_floor: float
    words_ceiling: float
    people: bool
    station_bound: bool
    station_tells: bool  # whether trouble at two TPS is two events, if not always
    travels: bool
    place: dict[str, float]


class RuleBook:
    """Rules of every category and kind of a catalogue.

    `catalog`: anything with `.categories[code].kinds[code]`; `travels` of both and `at_tps` of a kind are read where
    present. Raises SettingsError when the data file names a setting that does not exist.
    """

    def __init__(self, catalog: Any, data: dict[str, Any] | None = None) -> None:
        self._catalog = catalog
        self._data = data or _shipped()
        self._made: dict[tuple[str, str], Rules] = {}
        self._reach: dict[tuple[str, str], int] = {}
        self.near = frozenset(frozenset(pair) for pair in self._data.get("near_kinds", ()))

    def rules(self, category: str, kind: str) -> Rules:
        """Rules for a report of this category and kind ("" when unknown); a code that the catalogue lacks gets the
        defaults."""
        found = self._made.get((category, kind))
        if found is None:
            found = self._make(*self._whose(category, kind))
            self._made[category, kind] = found
        return found

    def _whose(self, category: str, kind: str) -> tuple[str, str]:
        """The category whose rules count: a power failure that somebody reported as a matter of order is one all the
        same. Claims and cases of neutrality stay what they are."""
        categories = self._catalog.categories
        known = categories.get(category)
        if known is None or not kind or kind in known.kinds:
            return category, kind if known is not None else ""
        if self._is_plain(category):
            for other, entry in categories.items():
                if kind in entry.kinds and self._is_plain(other):
                    return other, kind
        return category, ""

    def _is_plain(self, category: str) -> bool:
        own = self._data.get("categories", {}).get(category, {})
        return not getattr(self._catalog.categories[category], "travels", False) and not own.get("people", False)

    def reach_ms(self, category: str, kind: str) -> int:
        """How far apart in time (ms) a report of this category and kind ("" when unknown) and its event may be."""
        found = self._reach.get((category, kind))
        if found is None:
            all_kinds = (code for one in self._catalog.categories.values() for code in one.kinds)
            kinds = [kind] if kind else ["", *all_kinds]
            found = self._reach[category, kind] = max(self.rules(category, one).window_ms for one in kinds)
        return found

    def bound(self, category: str, report: ReportFeatures) -> bool:
        """Whether all that a report tells of happens at one TPS."""
        kinds = report.kinds or (report.guess,)
        return all(self.rules(category, kind).station_bound for kind in kinds)

    def _make(self, category: str, kind: str) -> Rules:
        known = self._catalog.categories.get(category)
        its_kind = known.kinds.get(kind) if known is not None and kind else None
        own = self._data.get("categories", {}).get(category, {})
        merged = _over(_over(self._data["default"], own), own.get("kinds", {}).get(kind, {}))
        travels = bool(getattr(its_kind if its_kind is not None else known, "travels", False))
        bound = not travels and bool(getattr(its_kind, "at_tps", True))
        try:
            return Rules(
                **{name: merged[name] for name in ("start", "join", "suggest", "margin", "content", "people")},
                window_ms=int(merged["window_hours"] * HOUR_MS),
                time_same=merged["time"]["same"],
                time_half_ms=merged["time"]["half_life_hours"] * HOUR_MS,
                time_floor=merged["time"]["floor"],
                kind_same=merged["kind"]["same"],
                kind_other=merged["kind"]["other"],
                kind_unknown=merged["kind"]["unknown"],
                frame_same=merged["frame"]["same"],
                frame_other=merged["frame"]["other"],
                frame_against=merged["frame"]["against"],
                after_over=merged["time"]["after_over"],
                **{name: merged["details"][name] for name in DETAILS},
                half_said=tuple(merged["details"][name] for name in MISSING),
                most_agrees=_most_agrees(merged["details"], travels, merged["people"]),
                **{f"words_{name}": merged["words"][name] for name in WORDS},
                station_bound=bound,
                station_tells=bound or merged["details"]["station_other"] < _TELLS,
                travels=travels,
                place=merged["station"],
            )
        except (KeyError, TypeError) as error:
            raise SettingsError(
                f"matching.yaml, {category}/{kind or '-'}: {error} is missing or has the wrong type"
            ) from error


def _most_agrees(details: dict[str, float], travels: bool, people: bool) -> float:
    """The most points that details can give, a same picture or link left out."""
    most = details["amount_same"]
    if travels:
        most += details["date_same"]
    if travels or people:
        most += details["candidate_same"] + details["about_same"] + (details["office_same"] if people else 0)
    return most


def _over(base: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """`base` with what `change` says, group by group; groups of kinds are left out. Unknown names are refused."""
    merged = dict(base)
    for name, value in change.items():
        if name == "kinds":
            continue
        if name not in base:
            raise SettingsError(f"matching.yaml has no setting {name!r}; known are {', '.join(sorted(base))}")
        merged[name] = _over(base[name], value) if isinstance(value, dict) else value
    return merged


@lru_cache(maxsize=1)
def _shipped() -> dict[str, Any]:
    return dict(content("matching.yaml"))
