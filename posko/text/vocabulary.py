"""The vocabularies of posko/data/text, loaded once: abbreviations, dialect, stop words, synonyms, weights, typed
words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import snowballstemmer

from posko.settings import SettingsError
from posko.shipped import content

MISSPELT = 5  # shorter words are never taken for misspelt ones
DEFAULT_WEIGHT = 10  # tenths; see common.yaml
STOP_WEIGHT = 1
PREFIXES = (
    "",
    "di",
    "ke",
    "se",
    "ber",
    "be",
    "ter",
    "te",
    "pe",
    "per",
    "meng",
    "mem",
    "men",
    "meny",
    "me",
    "peng",
    "pem",
    "pen",
    "peny",
    "memper",
    "diper",
)
SUFFIXES = ("", "kan", "an", "i", "nya", "lah", "kannya", "annya")
PLAIN = ("",)
# What a nasal has swallowed: memukul is pukul, menyapu sapu.
NASAL = {
    "mem": ("", "p"),
    "men": ("", "t"),
    "meng": ("", "k"),
    "meny": ("s",),
    "pem": ("", "p"),
    "pen": ("", "t"),
    "peng": ("", "k"),
    "peny": ("s",),
}

# What a word is for the reader, beside its meaning.
WORD, STOP, NEGATION, NUMBER, MULTIPLIER, DURATION, CLOCK, MONEY = range(8)
STATION, CANDIDATE, NUMBER_WORD, PLACE_NUMBER, TITLE, OFFICE, MONTH, DATE_WORD = range(8, 16)
VOTE = 16  # only a mark: "coblos dua" is for number two, "nyoblos dua kali" is not
CREW = 17  # only a mark: "KPPS 003" is that of TPS 3, "KPPS 3 orang" is not


@dataclass(frozen=True)
class Vocabulary:
    """Everything the reader looks words up in. Phrases are keyed by their first word, longest first."""

    full: dict[str, tuple[str, ...]]  # short or dialect form -> full words
    roles: dict[str, tuple[int, float]]  # full word -> role and its number, where it has one
    meanings: dict[str, str]  # full word -> meaning
    stems: dict[str, str]  # stem -> meaning
    phrases: dict[str, tuple[tuple[tuple[str, ...], str], ...]]
    pairs: dict[tuple[str, str], str]  # two words of which one is a stop word -> meaning
    offices: dict[str, str]  # full word -> office
    numbered: frozenset[str]  # words that names of kelurahan have behind a number
    weights: dict[str, int]
    words: frozenset[str]  # every word that any of these has, those inside phrases too
    everyday: frozenset[str]  # the same without what short forms stand for: that may be a name
    shapes: dict[
        tuple[str, int], tuple[str, ...]
    ]  # those that are long enough to be misspelt, by first letter and length

    def knows(self, word: str) -> bool:
        return word in self.words

    def weight(self, token: str) -> int:
        """What a meaning tells, in tenths; next to nothing when it is the root of a stop word."""
        found = self.weights.get(token)
        if found is None:
            return STOP_WEIGHT if self.roles.get(token, (WORD, 0))[0] == STOP else DEFAULT_WEIGHT
        return found


@lru_cache(maxsize=1)
def load() -> Vocabulary:
    """The vocabularies that ship with Posko."""
    short, dialect, typed = _read("abbreviations"), _read("dialect"), _read("typed")
    stops = _read("stopwords")
    written = {**dialect["words"], **dialect["negations"], **short["about"], **short["negations"]}
    roles = _roles(stops, typed)
    table = _read("synonyms")
    singles, phrases, pairs = _synonyms({name: forms for name, forms in table.items() if name != "not_stems"}, roles)
    offices = {words: code for words, code in typed["office"].items() if " " not in words}
    for words, code in typed["office"].items():
        if " " in words:
            first, *rest = words.split()
            phrases.setdefault(first, []).append((tuple(rest), f"jabatan:{code}"))
    inside = {word for first, found in phrases.items() for rest, _ in found for word in (first, *rest)}
    everyday = frozenset({str(word) for word in written} | roles.keys() | singles.keys() | offices.keys() | inside)
    words = everyday | {word for full in written.values() for word in str(full).split()}
    return Vocabulary(
        words=words,
        everyday=everyday,
        shapes=_shapes(words),
        full={str(word): tuple(str(full).split()) for word, full in written.items()},
        roles=roles,
        meanings=singles,
        stems={stem(word): meaning for word, meaning in reversed(singles.items()) if word not in table["not_stems"]},
        phrases={first: tuple(sorted(found, key=lambda p: -len(p[0]))) for first, found in phrases.items()},
        pairs=pairs,
        offices=offices,
        numbered=frozenset(typed["numbered_place"]),
        weights={word: weight for weight, words in _read("common")["weights"].items() for word in words},
    )


@lru_cache(maxsize=1)
def roots() -> frozenset[str]:
    """The 30,000 root words of Indonesian that Sastrawi's dictionary has: none of them is a misspelt other word."""
    path = files("Sastrawi").joinpath("Stemmer", "data", "kata-dasar.txt")
    return frozenset(path.read_text(encoding="utf-8").split())


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """The word's root: the longest one of the language that its affixes leave, else what the Snowball algorithm for
    Indonesian (Tala 2003) leaves; words of up to three letters stay as they are."""
    if len(word) < 4:
        return word
    return word if word in roots() else _rooted(word) or _stemmer().stemWord(word) or word


def _rooted(word: str) -> str:
    """The longest root of the language inside prefixes and suffixes, `""` if none of at least four letters is."""
    best = ""
    for before in PREFIXES:
        if not word.startswith(before):
            continue
        for after in SUFFIXES:
            if not word.endswith(after):
                continue
            rest = word[len(before) : len(word) - len(after)]
            if len(rest) < 3:
                continue
            for first in NASAL.get(before, PLAIN):
                root = first + rest
                if len(root) > max(3, len(best)) and root in roots():
                    best = root
    return best


@lru_cache(maxsize=1)
def _stemmer() -> Any:
    return snowballstemmer.stemmer("indonesian")


def _shapes(words: frozenset[str]) -> dict[tuple[str, int], tuple[str, ...]]:
    shapes: dict[tuple[str, int], list[str]] = {}
    for word in sorted(words):
        if len(word) >= MISSPELT and word.isalpha():
            shapes.setdefault((word[0], len(word)), []).append(word)
    return {shape: tuple(found) for shape, found in shapes.items()}


def _read(name: str) -> Any:
    return content(f"text/{name}.yaml")


def _roles(stops: dict[str, str], typed: dict[str, Any]) -> dict[str, tuple[int, float]]:
    roles: dict[str, tuple[int, float]] = {}
    roles |= dict.fromkeys(stops["words"].split(), (STOP, 0))
    roles |= dict.fromkeys(stops["negations"].split(), (NEGATION, 0))
    for name, role in (("title", TITLE), ("place_number", PLACE_NUMBER), ("number_word", NUMBER_WORD)):
        roles |= dict.fromkeys(typed[name], (role, 0))
    for name, role in (
        ("candidate", CANDIDATE),
        ("polling_station", STATION),
        ("money", MONEY),
        ("clock", CLOCK),
        ("date", DATE_WORD),
    ):
        roles |= dict.fromkeys(typed[name], (role, 0))
    for name, role in (("numbers", NUMBER), ("multipliers", MULTIPLIER), ("durations", DURATION), ("months", MONTH)):
        roles |= {word: (role, value) for word, value in typed[name].items()}
    return roles


def _synonyms(
    table: dict[str, list[str]], roles: dict[str, tuple[int, float]]
) -> tuple[dict[str, str], dict[str, list[tuple[tuple[str, ...], str]]], dict[tuple[str, str], str]]:
    """Single words, phrases and pairs of the synonyms. Stop words inside a phrase are left out, as they are from texts;
    only beside one other word they count ("belum sampai"). Raises SettingsError for what is stop words but for one
    word."""
    singles: dict[str, str] = {}
    phrases: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    pairs: dict[tuple[str, str], str] = {}
    for meaning, forms in table.items():
        singles.setdefault(meaning, meaning)
        for form in forms:
            words = [word for word in form.split() if roles.get(word, (WORD, 0))[0] != STOP]
            if len(words) == 1 and " " not in form:
                singles.setdefault(words[0], meaning)
            elif len(words) > 1:
                phrases.setdefault(words[0], []).append((tuple(words[1:]), meaning))
            elif form.count(" ") == 1:
                first, second = form.split()
                pairs.setdefault((first, second), meaning)
            else:
                raise SettingsError(f"synonyms.yaml, {meaning}: no text can have {form!r}, but for its stop words")
    return singles, phrases, pairs
