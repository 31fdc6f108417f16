"""The kind that a report's words point to, for reports that name none. Fixed cues, so that it can be predicted."""

from __future__ import annotations

from functools import lru_cache

from posko.shipped import content
from posko.text import normalise

_STRONG, _WEAK = 2, 1
_ENOUGH, _LEAD = 2, 1


def infer(category: str, words: dict[str, int]) -> str:
    """The kind with the most cues among the words, "" when none has enough or two are as good."""
    cues = _cues().get(category)
    if not cues:
        return ""
    scores: dict[str, int] = {}
    for word in cues.keys() & words.keys():
        for kind, points in cues[word]:
            scores[kind] = scores.get(kind, 0) + points
    best = second = 0
    found = ""
    for kind, points in scores.items():
        if points > best:
            best, second, found = points, best, kind
        elif points > second:
            second = points
    return found if best >= _ENOUGH and best - second >= _LEAD else ""


@lru_cache(maxsize=1)
def _cues() -> dict[str, dict[str, tuple[tuple[str, int], ...]]]:
    """Category -> token -> the kinds it points to."""
    table = content("text/kinds.yaml")
    found: dict[str, dict[str, dict[str, int]]] = {}
    for category, kinds in table.items():
        for kind, cues in kinds.items():
            for name, points in (("weak", _WEAK), ("strong", _STRONG)):
                for cue in cues[name]:
                    for token in normalise(str(cue)).weights:
                        found.setdefault(category, {}).setdefault(token, {})[kind] = points
    return {
        category: {token: tuple(kinds.items()) for token, kinds in tokens.items()} for category, tokens in found.items()
    }
