"""The evidence of a comparison in plain Indonesian, for the people who decide on it."""

from __future__ import annotations

from posko.matching.features import EventFeatures, ReportFeatures, telling
from posko.text import spoken

_HOUR_MIN, _DAY_MIN = 90, 36 * 60
_WORDS = 4  # shared words that are named


def metres(value: float) -> str:
    return f"berjarak {value / 1000:.1f} km".replace(".", ",")


def minutes(ms: float) -> str:
    """`beda waktu 12 menit`, `beda waktu 3 jam`."""
    apart = round(ms / 60_000)
    if apart < 1:
        return "waktu sama"
    if apart < _HOUR_MIN:
        return f"beda waktu {apart} menit"
    return f"beda waktu {round(apart / 60)} jam" if apart < _DAY_MIN else f"beda waktu {round(apart / 1440)} hari"


def share(value: float) -> str:
    """`kata khas sama: 2,4`: how much the words weigh that both say, 1 for a telling one."""
    return f"kata khas sama: {value:.1f}".replace(".", ",")


def shared_words(report: ReportFeatures, event: EventFeatures) -> list[str]:
    """The words that both say, the most telling first."""
    both = {word: weight for word, weight in report.words.weights.items() if word in event.words}
    return [spoken(word) for word in telling(both, _WORDS)]


def summary(place: str, words: list[str], gap: str, differs: str) -> str:
    """One line: `sama: TPS 4, perahu, kandas; beda waktu 12 menit`."""
    agreed = [place.removeprefix("sama: ")] if place.startswith("sama: ") else []
    parts = [f"sama: {', '.join([*agreed, *words])}" if agreed or words else place, gap]
    return "; ".join(part for part in (*parts, differs) if part)
