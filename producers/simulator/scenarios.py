"""What can happen, from the data files: scenarios at a place and claims that travel, each with its own way of being
told."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from posko.catalog import Catalog
from producers.simulator.grammar import Grammar, GrammarError, Phrase, Random, read
from producers.simulator.style import pick

CATEGORY_FILES = ("logistics", "security", "asn_neutrality")
CANDIDATES = ["candidate_1", "candidate_2", "candidate_3"]
SPOKEN = frozenset({"place", "spot", "of_place", "self", "self_place", "clock", "daypart", "claim"})  # by each speaker
SHARED = {"": ("open_plain", "open_formal", "open_news", "intro", "thanks", "thanks_formal", "sure"),
          "hoax": ("frame", "answer", "open_plain", "open_formal", "ask_clear", "thanks", "effect_hoax")}  # fmt: skip
_RANGE = re.compile(r"(\d+)\.\.(\d+)")

# How many people tell about an event: 1 + a Pareto (Lomax) tail with this scale.
CROWDS = {"tiny": 0.7, "small": 1.5, "medium": 3.3, "large": 7.5}
TAIL = 1.7
MOST_WITNESSES = 40


@dataclass(frozen=True, slots=True)
class Scenario:
    """One way for an event of a kind to happen and to be told. `rate` is events a day for 1,000 polling stations."""

    name: str
    category: str
    kind: str
    rate: float
    curve: str
    at: str  # tps, village, district or regency
    remote: float
    early: bool  # may have happened in the days before
    crowd: str
    severity: tuple[int, ...]
    facts: Mapping[str, Any]
    key: tuple[str, ...]  # facts that tell two claims apart
    say: Phrase
    more: Phrase | None
    effect: Phrase | None
    ask: Phrase | None
    later: Mapping[str, Phrase]


@dataclass(frozen=True, slots=True)
class Library:
    """All scenarios and claims, and the grammar they are told in."""

    grammar: Grammar
    scenarios: tuple[Scenario, ...]
    claims: tuple[Scenario, ...]

    def known_to(self, catalog: Catalog) -> Library:
        """Only what a catalogue has a kind for."""

        def kept(scenarios: tuple[Scenario, ...]) -> tuple[Scenario, ...]:
            categories = catalog.categories
            return tuple(s for s in scenarios if s.category in categories and s.kind in categories[s.category].kinds)

        return Library(self.grammar, kept(self.scenarios), kept(self.claims))


def facts(scenario: Scenario, random: Random) -> dict[str, Any]:
    """What is so about one event: for each fact a number, or the name of the vocabulary entry that words it."""
    chosen: dict[str, Any] = {}
    for name, choices in scenario.facts.items():
        if isinstance(choices, tuple):
            low, high = choices
            chosen[name] = low + int(random() * (high - low + 1))
        elif choices != "regency":
            chosen[name] = pick(choices, random)
    return chosen


def witnesses(crowd: str, random: Random) -> int:
    """How many people tell about an event: heavy-tailed, 1 to MOST_WITNESSES."""
    return min(MOST_WITNESSES, 1 + int(CROWDS[crowd] * ((1 - random()) ** (-1 / TAIL) - 1)))


@cache
def expected_witnesses(crowd: str) -> float:
    """The mean of `witnesses`, summed over its distribution."""
    scale = CROWDS[crowd]
    return 1 + sum((1 + n / scale) ** -TAIL for n in range(1, MOST_WITNESSES))


@cache
def library() -> Library:
    """Everything in the data files, compiled. Raises GrammarError for a file that cannot be used."""
    data = {name: read(name) for name in (*CATEGORY_FILES, "hoax")}
    vocabulary: dict[str, list[str]] = dict(read("words"))
    for name, content in data.items():
        if twice := vocabulary.keys() & content["words"].keys():
            raise GrammarError(f"{name}.yaml: words that another file has as well: {', '.join(sorted(twice))}")
        vocabulary.update(content["words"])
    grammar = Grammar(vocabulary)
    scenarios = [
        _scenario(grammar, name, category, entry)
        for category in CATEGORY_FILES
        for name, entry in data[category]["scenarios"].items()
    ]
    claims = [_claim(grammar, name, entry) for name, entry in data["hoax"]["claims"].items()]
    return Library(grammar, tuple(scenarios), tuple(claims))


def _scenario(grammar: Grammar, name: str, category: str, entry: dict[str, Any]) -> Scenario:
    where = f"{category}.yaml: {name}"
    slots = {slot for shared in SHARED[""] for slot in grammar.slots[shared]}

    def phrases(field: str, patterns: Sequence[str] | None) -> Phrase | None:
        return grammar.choice(patterns, f"{where}: {field}", slots) if patterns else None

    scenario = Scenario(
        name=name,
        category=category,
        kind=entry["kind"],
        rate=entry["rate"],
        curve=entry["when"],
        at=entry["at"],
        remote=entry.get("remote", 1.0),
        early=entry.get("early", False),
        crowd=entry["crowd"],
        severity=tuple(entry["severity"]),
        facts=_facts(grammar, where, entry["facts"]),
        key=(),
        say=grammar.choice(entry["say"], f"{where}: say", slots),
        more=phrases("more", entry.get("more")),
        effect=phrases("effect", entry.get("effect")),
        ask=phrases("ask", entry.get("ask")),
        later={
            stage: grammar.choice(patterns, f"{where}: {stage}", slots)
            for stage, patterns in entry.get("later", {}).items()
        },
    )
    _check_slots(grammar, where, slots, scenario.facts)
    return scenario


def _claim(grammar: Grammar, name: str, entry: dict[str, Any]) -> Scenario:
    where = f"hoax.yaml: {name}"
    slots = {slot for shared in SHARED["hoax"] for slot in grammar.slots[shared]}
    scenario = Scenario(
        name=name, category="hoax", kind=entry["kind"], rate=0, curve="hoax", at="regency", remote=1.0, early=False,
        crowd="large", severity=(2, 3, 3, 4, 5), facts=_facts(grammar, where, entry["facts"]),
        key=tuple(entry.get("key", ())), say=grammar.choice(entry["claim"], f"{where}: claim", slots),
        more=None, effect=None, ask=None, later={},
    )  # fmt: skip
    _check_slots(grammar, where, slots, scenario.facts)
    return scenario


def _check_slots(grammar: Grammar, where: str, slots: set[str], given: Mapping[str, Any]) -> None:
    """Raise GrammarError when a slot that can come up is filled by neither the facts, the vocabulary nor the
    speaker."""
    waiting, done = set(slots), set()
    while waiting:
        slot = waiting.pop()
        done.add(slot)
        if slot in given:
            used = {
                inner
                for word in given[slot]
                if isinstance(word, str) and word in grammar
                for inner in grammar.slots[word]
            }
        elif slot in grammar:
            used = grammar.slots[slot]
        elif slot in SPOKEN:
            continue
        else:
            raise GrammarError(f"{where}: nothing fills the slot {{{slot}}}; add a fact or a word of that name")
        waiting |= used - done


def _facts(grammar: Grammar, where: str, entry: dict[str, Any]) -> dict[str, Any]:
    """`3..9` becomes (3, 9); `candidate` the three candidates; a list stays, its names must be in the vocabulary."""
    found: dict[str, Any] = {}
    for name, value in entry.items():
        if value == "candidate":
            found[name] = CANDIDATES
        elif value == "regency":
            found[name] = "regency"
        elif isinstance(value, str) and (numbers := _RANGE.fullmatch(value)):
            found[name] = (int(numbers[1]), int(numbers[2]))
        elif isinstance(value, list):
            if missing := [word for word in value if word not in grammar]:
                raise GrammarError(f"{where}: fact {name} uses unknown words {', '.join(missing)}")
            found[name] = value
        else:
            raise GrammarError(f"{where}: fact {name} is {value!r}; expected LOW..HIGH, candidate, regency or a list")
    return found
