"""Which region a name means when several have it: by the other names in the text, then by the writer's home."""

from __future__ import annotations

from typing import NamedTuple

from posko.regions import codes

# What a mention's score is multiplied with.
BY_NEIGHBOURHOOD = 0.75  # another mention says the kabupaten, its kecamatan fits none
BY_HOME = 0.85  # only the writer's home says which
BY_SORT = 0.85  # only that it is said to be a kelurahan, or a desa: many say it wrongly
HOLDS_ALL = 0.7  # a kecamatan and villages of its name inside it: the kecamatan
NEXT_TO = 8  # characters: room for a comma or "di kec."
AMBIGUOUS = 0.45  # only what holds all candidates is known


class Mention(NamedTuple):
    """Words that are a place name, and every region they can mean; `weak`: a place only beside another; `sort`: the
    tenth digit of the code, 1 where a kelurahan is said and 2 where a desa is."""

    start: int
    end: int
    candidates: tuple[str, ...]
    score: float
    weak: bool
    sort: str = ""


def decide(mention: Mention, mentions: list[Mention], within: str) -> tuple[str, float]:
    """The code a mention means and the score of that, ("", 0) if it means nothing certain inside Indonesia.

    `mentions` are all mentions of the text, `within` the code of the writer's home or `""`.
    """
    left, score = mention.candidates, mention.score
    others = [other for other in mentions if other is not mention and not other.weak]
    if mention.weak:
        left = tuple(
            code for code in left if any(codes.covers(place, code) for other in others for place in other.candidates)
        )
        if len(left) != 1:
            return "", 0.0
    if len(left) > 1 and others:
        left, factor = _beside(left, mention, others)
        score *= factor
    if len(left) > 1 and within:
        near = _around(left, within, 2)
        if near != left:
            left, score = near, score * BY_HOME
    if len(left) > 1 and mention.sort:
        said = tuple(code for code in left if code[9:10] == mention.sort)
        if len(said) == 1:
            left, score = said, score * BY_SORT
    if len(left) == 1:
        return left[0], score
    # Alone, the name of a kabupaten is the kabupaten, not a village of that name elsewhere.
    wide = tuple(code for code in left if len(code) <= 5)
    if len(wide) == 1:
        return wide[0], score
    shared = codes.common(left)
    return shared, score * (HOLDS_ALL if shared in left else AMBIGUOUS) if shared else 0.0


def _beside(left: tuple[str, ...], mention: Mention, others: list[Mention]) -> tuple[tuple[str, ...], float]:
    """Those of `left` that agree with the other mentions, those next to it first, then the least ambiguous; and a
    factor for the score."""
    factor = 1.0
    # Two kabupaten in one text are two places, not a village of one in the other.
    if any(len(code) <= 5 for code in left):
        others = [other for other in others if all(len(place) > 5 for place in other.candidates)]
    for other in sorted(others, key=lambda one: (_apart(mention, one) > NEXT_TO, len(one.candidates))):
        near = _related(left, other.candidates)
        if not near and len(other.candidates) == 1:
            near, factor = _around(left, other.candidates[0], 5), BY_NEIGHBOURHOOD
        if near and near != left:
            left = near
        if len(left) == 1:
            break
    return left, factor if len(left) == 1 else 1.0


def _apart(one: Mention, other: Mention) -> int:
    """Characters between two mentions."""
    return max(one.start - other.end, other.start - one.end)


def _around(candidates: tuple[str, ...], home: str, widest: int) -> tuple[str, ...]:
    """Those of `candidates` in the smallest region around `home` that has any; all when none up to `widest` has.

    `widest` is the length of the code of the largest region to look in: 2 a province, 5 a regency.
    """
    while len(home) >= widest:
        near = [code for code in candidates if code.startswith(home) or home.startswith(code)]
        if near:
            return tuple(near)
        home = codes.parent(home)
    return candidates


def _related(candidates: tuple[str, ...], places: tuple[str, ...]) -> tuple[str, ...]:
    """Those of `candidates` that are, hold or lie in one of `places`."""
    if len(places) == 1:
        place = places[0]
        return tuple([code for code in candidates if code.startswith(place) or place.startswith(code)])
    return tuple(code for code in candidates if any(codes.related(code, place) for place in places))
