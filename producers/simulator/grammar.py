"""A small grammar for sentences: patterns with slots, options and alternatives, compiled once into functions.

A pattern is text with three marks:

    {name}      a slot: one wording of a fact of the event, else of the vocabulary entry `name`
    [text]      said or left out, half of the time each
    (a|b|c)     one of them

They nest. `Grammar` holds the vocabulary; a compiled pattern takes a `Voice` and returns text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

DATA = Path(__file__).parent / "data"

Random = Callable[[], float]


class GrammarError(Exception):
    """A pattern or a data file cannot be used; the text says which and why."""


@dataclass
class Voice:
    """Who is speaking about what: a source of randomness in [0, 1) and the wordings that this event and speaker
    bring along."""

    random: Random
    words: dict[str, Phrase | str] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)  # reasons given so far, so that nobody gives one twice


Phrase = Callable[[Voice], str]


class Grammar:
    """Vocabulary by name; entries may use each other, whatever their order in the files."""

    def __init__(self, vocabulary: Mapping[str, Sequence[str]]) -> None:
        """Compile all entries. Raises GrammarError for a broken pattern or a slot that nobody can fill is left to
        `unknown`."""
        self._entries: dict[str, Phrase] = {}
        self.slots: dict[str, set[str]] = {}
        for name, patterns in vocabulary.items():
            self.slots[name] = set()
            self._entries[name] = self.choice(patterns, name, self.slots[name])

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def __getitem__(self, name: str) -> Phrase:
        return self._entries[name]

    def get(self, name: str) -> Phrase | None:
        """The entry of this name, None when there is none."""
        return self._entries.get(name)

    def choice(self, patterns: Sequence[str], where: str, slots: set[str] | None = None) -> Phrase:
        """One function for a list of patterns, each as likely as the others; names of slots met are added to
        `slots`."""
        if not patterns:
            raise GrammarError(f"{where}: the list of patterns is empty")
        met: set[str] = set() if slots is None else slots
        return _choice([_Parser(str(pattern), where, self, met).all() for pattern in patterns])

    def say(self, name: str, voice: Voice) -> str:
        """One wording of the entry `name`, as this voice says it."""
        return self._entries[name](voice)

    def slot(self, name: str) -> Phrase:
        """A function that looks the slot up when it is spoken: first what the voice brings, then the vocabulary."""
        entries = self._entries

        def speak(voice: Voice) -> str:
            word = voice.words.get(name)
            if word is None:
                return entries[name](voice)
            return word if isinstance(word, str) else word(voice)

        return speak


class _Parser:
    """Reads one pattern; recursive descent, one character at a time."""

    def __init__(self, text: str, where: str, grammar: Grammar, slots: set[str]) -> None:
        self.text, self.where, self.grammar, self.slots = text, where, grammar, slots
        self.at = 0

    def all(self) -> Phrase:
        phrase = self.sequence("")
        if self.at < len(self.text):
            raise self.error(f"unexpected {self.text[self.at]!r}")
        return phrase

    def sequence(self, stops: str) -> Phrase:
        parts: list[Phrase | str] = []
        while self.at < len(self.text) and self.text[self.at] not in stops + "]})":
            char = self.text[self.at]
            if char == "{":
                name = self.until("}")
                self.slots.add(name)
                parts.append(self.grammar.slot(name))
            elif char == "[":
                parts.append(_option(self.group("]")[0]))
            elif char == "(":
                parts.append(_choice(self.group(")")))
            else:
                parts.append(self.literal(stops))
        return _join(parts)

    def literal(self, stops: str) -> str:
        start = self.at
        while self.at < len(self.text) and self.text[self.at] not in "{[(" + stops + "]})":
            self.at += 1
        return self.text[start : self.at]

    def group(self, close: str) -> list[Phrase]:
        """The alternatives between the bracket at hand and its closing one."""
        self.at += 1
        found = [self.sequence("|")]
        while self.at < len(self.text) and self.text[self.at] == "|":
            self.at += 1
            found.append(self.sequence("|"))
        if self.at >= len(self.text) or self.text[self.at] != close:
            raise self.error(f"{close!r} is missing")
        self.at += 1
        return found if close == ")" else [_choice(found)]

    def until(self, close: str) -> str:
        end = self.text.find(close, self.at)
        if end < 0:
            raise self.error(f"{close!r} is missing")
        name, self.at = self.text[self.at + 1 : end].strip(), end + 1
        return name

    def error(self, what: str) -> GrammarError:
        return GrammarError(f"{self.where}: {what} at character {self.at} of {self.text!r}")


def _join(parts: list[Phrase | str]) -> Phrase:
    if all(isinstance(part, str) for part in parts):
        text = "".join(part for part in parts if isinstance(part, str))
        return lambda voice: text
    if len(parts) == 1 and callable(parts[0]):
        return parts[0]
    fixed = tuple(parts)
    return lambda voice: "".join([part if isinstance(part, str) else part(voice) for part in fixed])


def _choice(options: list[Phrase]) -> Phrase:
    if len(options) == 1:
        return options[0]
    fixed, count = tuple(options), len(options)
    return lambda voice: fixed[int(voice.random() * count)](voice)


def _option(phrase: Phrase) -> Phrase:
    return lambda voice: phrase(voice) if voice.random() < 0.5 else ""


def read(name: str) -> dict[str, Any]:
    """The content of one of the simulator's data files, `NAME.yaml`."""
    path = DATA / f"{name}.yaml"
    content = yaml.load(path.read_bytes(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe loaders
    if not isinstance(content, dict):
        raise GrammarError(f"{path}: a mapping was expected, found {type(content).__name__}")
    return content
