"""What a text says happened: the frames of posko/data/text/frames.yaml, found by one pass over its meanings.

A line of a frame is compiled into bits: one bit for each group of words of which one must be said. The meanings of a
text set bits; a line holds when all its bits are set and none of those it excludes. Only lines are looked at of which
the text says a word of their smallest group.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from posko.settings import SettingsError
from posko.shipped import content
from posko.text import AT_LAST, Words, denials, meanings

KEYS = frozenset({"candidate", "clock"})
_TYPED = ("#candidate", "#money", "#clock")


@dataclass(frozen=True, slots=True)
class Frame:
    """`kind`: `category/kind`; `keys`: what tells two of the same frame apart; `over`: weaker frames it replaces;
    `rare`: points; `against`: frames of the same kind that say it is something else."""

    name: str
    kind: str
    code: str  # of the kind, without its category
    neutrality: bool
    keys: frozenset[str]
    over: frozenset[str]
    rare: float
    against: frozenset[str]


class _Line(NamedTuple):
    frame: str
    need: int
    avoid: int


class _Group(NamedTuple):
    """Words, or sets of words, of which one must be said."""

    bit: int
    words: list[str | frozenset[str]]


_Opened = dict[str | frozenset[str], list[_Line]]  # what is said -> lines whose smallest group has it


class Frames:
    """All frames, ready to be found. Raises SettingsError, with the file and the frame, for a table that cannot
    be used."""

    def __init__(self, table: dict[str, dict[str, Any]], file: str = "frames.yaml") -> None:
        self._file = file
        self.frames = {name: _frame(name, entry, file) for name, entry in table.items()}
        self._bits: dict[str, int] = {}  # meaning -> groups it stands in
        self._several: dict[str, list[tuple[frozenset[str], int]]] = {}  # first of several meanings -> (all, group)
        self._groups = 0
        self._claims: _Opened = {}
        self._events: _Opened = {}
        for name, entry in table.items():
            opened = self._claims if self.frames[name].kind.startswith("hoax/") else self._events
            for said in entry["say"]:
                self._line(name, str(said), opened)
        if unknown := {one for frame in self.frames.values() for one in frame.over} - table.keys():
            raise SettingsError(f"{file}: `over` names frames that do not exist: {', '.join(sorted(unknown))}")

    def find(self, words: Words, claims: bool) -> frozenset[str]:
        """The frames that a text says, among claims or among events, without those that another found is over."""
        said, groups, opened = words.said, self._bits, self._claims if claims else self._events
        bits = 0
        lines: list[_Line] = []
        for meaning in said & groups.keys():
            bits |= groups[meaning]
            if meaning in opened:
                lines += opened[meaning]
        for first in said & self._several.keys():
            for wanted, group in self._several[first]:
                if wanted <= said:
                    bits |= group
                    lines += opened.get(wanted, ())
        for typed, is_said in zip(
            _TYPED, (words.candidates, "rp" in words.amounts, "pukul" in words.amounts), strict=True
        ):
            if is_said:
                bits |= groups[typed]
                lines += opened.get(typed, ())
        found = {frame for frame, need, avoid in lines if bits & need == need and not bits & avoid}
        if len(found) > 1:
            for name in tuple(found):
                found -= self.frames[name].over
        return frozenset(found)

    def _line(self, name: str, said: str, opened: _Opened) -> None:
        wanted, *unwanted = said.split(" - ")
        if len(unwanted) > 1:
            raise SettingsError(f"{self._file}, {name}: {said!r} excludes twice; give all behind one ` - `")
        groups = [self._group(name, group) for group in wanted.split(" + ")]
        need = sum(group.bit for group in groups)  # a bit each: no two are the same
        line = _Line(name, need, self._group(name, unwanted[0]).bit if unwanted else 0)
        for words in min(groups, key=lambda group: len(group.words)).words:
            opened.setdefault(words, []).append(line)

    def _group(self, name: str, group: str) -> _Group:
        bit = 1 << self._groups
        self._groups += 1
        found: list[str | frozenset[str]] = []
        for typed in _TYPED:
            self._bits.setdefault(typed, 0)
        for word in group.split("|"):
            if "+" in word:
                raise SettingsError(f"{self._file}, {name}: {word!r} ends in +; put a line with # in quotation marks")
            read = (word.strip(),) if word.strip() in _TYPED else meanings(word)
            if not read:
                raise SettingsError(f"{self._file}, {name}: {word!r} means nothing to the reader; write another word")
            if len(read) == 2 and (read[0] in denials() or read[0] in AT_LAST):
                read = (" ".join(read),)  # in a text they stand near each other
            if len(read) == 1:
                self._bits[read[0]] = self._bits.get(read[0], 0) | bit
                found.append(read[0])
            else:
                self._several.setdefault(read[0], []).append((frozenset(read), bit))
                found.append(frozenset(read))
        return _Group(bit, found)


@lru_cache(maxsize=1)
def shipped() -> Frames:
    """The frames that ship with Posko."""
    return Frames(content("text/frames.yaml"))


@lru_cache(maxsize=1)
def over() -> Frames:
    """What says that trouble is over: the lines of over.yaml as one frame."""
    return Frames({"over": {"kind": "over/over", **content("text/over.yaml")}}, "over.yaml")


@lru_cache(maxsize=1)
def _sets() -> tuple[frozenset[str], ...]:
    return tuple(frozenset(names) for names in content("text/exclusive.yaml")["sets"])


def _against(name: str) -> frozenset[str]:
    """The frames that stand in one set of exclusive.yaml with this one."""
    return frozenset().union(*(names for names in _sets() if name in names)) - {name}


def _frame(name: str, entry: dict[str, Any], file: str) -> Frame:
    keys = frozenset(entry.get("key", ()))
    if wrong := keys - KEYS:
        raise SettingsError(f"{file}, {name}: key {', '.join(sorted(wrong))}; known are {', '.join(sorted(KEYS))}")
    category, _, code = entry["kind"].partition("/")
    return Frame(
        name,
        entry["kind"],
        code,
        category == "asn_neutrality",
        keys,
        frozenset(entry.get("over", ())),
        float(entry.get("rare", 0)),
        _against(name),
    )
