"""A text read as a whole: phrases, numbers with what they count, candidates, polling stations, names, negation."""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

from posko.text import vocabulary, words
from posko.text.vocabulary import (
    CANDIDATE,
    CLOCK,
    CREW,
    DATE_WORD,
    DURATION,
    MONEY,
    MONTH,
    MULTIPLIER,
    NEGATION,
    NUMBER,
    NUMBER_WORD,
    OFFICE,
    PLACE_NUMBER,
    STATION,
    STOP,
    TITLE,
    VOTE,
    WORD,
)
from posko.text.words import MARKS, Item, Words

MAX_TOKENS = 400  # of a text; what follows is not compared
# Words and numbers; "surat2" is surat-surat, "tinju2an" tinju-tinjuan; C1 and C6 are forms.
_TOKEN = re.compile(r"(?<!\w)[cC][16](?!\w)|[^\W\d_]+(?:2(?:an|nya|nyo|ny|kan)?(?!\w))?|\d+(?:[.,:/]\d+)*")
_THOUSANDS = re.compile(r"(\d)\s?[kK](?!\w)")  # 50k; else "k" is "ke"
_MAYOR = re.compile(r"\bwali kota\b", re.IGNORECASE)
_CANDIDATE = re.compile(r"0[1-9]")
_HOURS = re.compile(r"([01]?\d|2[0-3])[.:]([0-5]\d)")  # 07.30, 7:30
_CREW_OF = re.compile(r"0\d+|[89]|[1-9]\d{1,2}")  # a number of a TPS, and not how many of the seven are meant
_HALF_DAY = 12  # people say "jam 5 sore" and "17.00"
_DEAR = 5_000  # rupiah; smaller sums are said with "ribu" as well, but so are small crowds
_COUNTED = frozenset({"suara", "pemilih", "surat_suara", "persen", "tayang", "tonton", "kali", "meter", "jiwa"})
_VOTED = _COUNTED | {"orang", "warga", "paslon", "calon", "lembar", "tps", "kertas_suara"}
_CACHE = 1 << 15  # written words that are remembered,
_LONG = 40  # unless they are longer
_NONE: frozenset[int] = frozenset()
_NOT_THIS = "bukan"  # before a number: another one is meant
AT_LAST = frozenset({"sudah", "akhirnya", "baru", "telah"})  # it has come about
_REACH = 3  # words behind these or a negation that they may be about: "belum juga kunjung datang"
_FEW = 3  # smaller numbers are said of nearly everything
_TEXTS = 4096  # texts that are remembered: a worker reads each in both of its stages, within a second; copies are many
_NEGATION_WEIGHT, _NUMBER_WEIGHT, _CLOCK_WEIGHT, _CANDIDATE_WEIGHT = 3, 6, 8, 4


@lru_cache(_TEXTS)
def normalise(text: str) -> Words:
    """Read a text of any length; only the first MAX_TOKENS words count. Never raises; a text without content gives
    empty Words. The Words are shared by all who ask and must not be changed."""
    text = _THOUSANDS.sub(r"\1 ribu", text.replace("%", " persen "))
    if "wali" in text.lower():
        text = _MAYOR.sub("walikota", text)
    written = _TOKEN.findall(text)[:MAX_TOKENS]
    items, names, said = _items(written)
    return _typed(_phrases(items), names, said)


class _Token(NamedTuple):
    """A written word: all it stands for; of that, what is compared; whether a name may follow; what it says; its first
    and last full form; whether it is about what follows: denies it, or says that it has come about."""

    found: tuple[Item, ...]
    kept: tuple[Item, ...]
    title: bool
    said: tuple[str, ...]
    first: str
    last: str
    denies: bool


class _Tokens(dict[str, _Token]):
    """Written words that were met, in bounded memory: they are forgotten all at once."""

    def __missing__(self, token: str) -> _Token:
        found = _read(token)
        kept = tuple(item for item in found if item.role not in (STOP, TITLE))
        title, said = any(item.role == TITLE for item in found), tuple(item.meaning for item in found)
        first, last = (found[0].full, found[-1].full) if found else ("", "")
        read = _Token(found, kept, title, said, first, last, any(map(_reaches, found)))
        if len(token) <= _LONG:
            if len(self) >= _CACHE:
                self.clear()
            self[token] = read
        return read


def _read(token: str) -> tuple[Item, ...]:
    if token[0].isdigit():
        return (words.number(token),)
    low = token.lower()
    if "2" not in token or vocabulary.load().knows(low):
        return words.read(low)
    if token[-1] != "2":
        return words.read(low.replace("2", ""))
    found = words.read(low[:-1])
    if found and found[-1].role in MARKS:  # "tps2" is a number, "surat2" a plural
        return (*found, words.number("2"))
    return found


_tokens = _Tokens()


def _items(written: list[str]) -> tuple[list[Item], set[str], set[str]]:
    """Full words in order without stop words and doubled words, the names of people, all that was said."""
    items: list[Item] = []
    said: set[str] = set()
    names: set[str] = set()
    name: list[str] = []
    title = False
    last: Item | None = None
    pairs, before = words.pairs(), ""
    denial, reach = "", 0
    for token in written:
        found, kept, opens, meanings, first, ending, denies = _tokens[token]
        said.update(meanings)
        if reach or denies:
            denial, reach = _denied(found, denial, reach - 1, said)
        if both := pairs.get((before, first)):
            if items and items[-1].full == before:
                items.pop()
            said.add(both.meaning)
            kept = (both, *(kept[1:] if kept[:1] == found[:1] else kept))
        before = ending
        if title:
            if len(found) == 1 and _is_name(token, found[0], len(name)):
                name.append(token.lower())
            elif name:
                names.add(" ".join(name))
                title, name = False, []
            elif not (found and found[0].role == TITLE):
                title = False
        if opens:
            title = True
        for item in kept:
            if item != last:
                items.append(item)
                last = item
    if name:
        names.add(" ".join(name))
    return items, names, said


def _reaches(item: Item) -> bool:
    """Whether it denies what follows, or says that it has come about."""
    return item.role == NEGATION or item.meaning in AT_LAST


def _denied(found: tuple[Item, ...], denial: str, reach: int, said: set[str]) -> tuple[str, int]:
    """Note what the last denial, or the last word that it has come about, may be about: it, and for how many more words
    it reaches."""
    for item in found:
        if _reaches(item):
            denial, reach = item.meaning, _REACH
        elif denial:
            said.add(f"{denial} {item.meaning}")
    return (denial, reach) if reach > 0 else ("", 0)


def _is_name(token: str, item: Item, already: int) -> bool:
    """After a title: an unknown word that is capitalised, or, in a text without capitals, one unknown word without
    affixes."""
    if item.known or item.role != WORD or already == 3:
        return False
    return token[0].isupper() or (already == 0 and len(token) > 3 and vocabulary.stem(item.full) == item.full)


def _phrases(items: list[Item]) -> list[Item]:
    """Replace the phrases of the vocabulary by their meaning, the longest first."""
    out: list[Item] = []
    done = 0
    last_at = len(items) - 1
    for at, item in enumerate(items):
        if item.phrases and done <= at < last_at:
            for rest, meant in item.phrases.get(items[at + 1].full, ()):
                end = at + 1 + len(rest)
                if [following.full for following in items[at + 1 : end]] == rest:
                    out += items[done:at]
                    last = items[end - 1].mark
                    out.append(meant._replace(mark=last) if last in (STATION, CREW) else meant)  # "pengawas TPS 4"
                    done = end
                    break
    return out + items[done:] if done else items


class _Reader:
    """Collects tokens and typed numbers while the items are walked once."""

    __slots__ = ("amounts", "candidates", "counts", "dates", "offices", "stations", "weights")

    def __init__(self) -> None:
        self.dates: set[int] = set()
        self.counts: set[int] = set()
        self.weights: dict[str, int] = {}
        self.stations: list[int] = []
        self.candidates: set[int] = set()
        self.offices: set[str] = set()
        self.amounts: dict[str, list[float]] = {}

    def correct(self, wrong: _Reader) -> None:
        """Leave out what the text says is not meant ("nomor dua, bukan nomor satu"), unless nothing else is said."""
        self.candidates = self.candidates - wrong.candidates or wrong.candidates
        self.dates = self.dates - wrong.dates or wrong.dates
        self.stations = [one for one in self.stations if one not in wrong.stations] or wrong.stations
        for unit, values in wrong.amounts.items():
            self.amounts.setdefault(unit, values)

    def amount(self, unit: str, value: float) -> None:
        self.amounts.setdefault(unit, []).append(value)
        self.weights[f"{unit}:{value:g}"] = _NUMBER_WEIGHT

    def candidate(self, value: float) -> None:
        self.candidates.add(int(value))
        self.weights[f"paslon:{int(value)}"] = _CANDIDATE_WEIGHT


def _typed(items: list[Item], names: set[str], said: set[str]) -> Words:
    reader = _Reader()
    weights = reader.weights
    ruled_out: _Reader | None = None
    mark, denied, not_this, at, end = -1, False, False, 0, len(items)
    while at < end:
        role, full, meaning, _, _, weight, next_mark, _ = items[at]
        if role == WORD:
            if weight:
                weights[meaning] = weight
            said.add(meaning)
            if denied:
                weights[f"bukan:{meaning}"] = _NEGATION_WEIGHT
                denied = False
            not_this = not_this and next_mark != -1
        elif role == NEGATION:
            denied, not_this = True, full == _NOT_THIS
        elif role == NUMBER:
            if not_this:
                ruled_out = ruled_out or _Reader()
            at = _number(items, at, mark, ruled_out if not_this and ruled_out else reader)
            not_this = False
            if mark in (STATION, CANDIDATE):  # "tps 4 dan 5": the mark goes on
                at += 1
                continue
        elif role == OFFICE:
            reader.offices.add(meaning)
            said.add(meaning)
            weights[meaning] = vocabulary.DEFAULT_WEIGHT
        # "calon nomor 1", "nomor urut 1", "temuan nomor 03": the stronger of two marks in a row counts
        if not (role == NUMBER_WORD and mark in (CANDIDATE, PLACE_NUMBER)):
            mark = next_mark
        at += 1
    if ruled_out:
        reader.correct(ruled_out)
    key = blake2b("\0".join([item.full for item in items]).encode("utf-8", "replace"), digest_size=8)
    return Words(
        weights,
        sum(weights.values()),
        tuple(sorted(set(reader.stations))) if reader.stations else (),
        frozenset(reader.candidates),
        frozenset(names),
        frozenset(reader.offices),
        reader.amounts,
        int.from_bytes(key.digest()),
        frozenset(said),
        frozenset(reader.dates) if reader.dates else _NONE,
        frozenset(reader.counts) if reader.counts else _NONE,
    )


def _spoken(items: list[Item], at: int, value: float) -> tuple[int, float, bool]:
    """Numbers in words: "dua ratus lima puluh", "50 ribu"; but "TPS 11 tiga belas ulu" has two. The last item used, the
    value, and whether thousands were said."""
    total, whole, scaled, in_words = 0.0, 0.0, False, items[at].full.isalpha()
    while at + 1 < len(items):
        role, full, _, more, *_ = items[at + 1]
        if role == MULTIPLIER:
            in_words = True
            if more >= 1000:
                total, whole, value, scaled = total + (whole + value) * more, 0.0, 0.0, True
            else:
                value = value * more if more else value + 10  # "belas"
        elif role == NUMBER and in_words and full.isalpha() and value >= 10 and more < value:
            whole, value = whole + value, more
        elif role == NUMBER and scaled and full.isalpha() and not value and more < total:
            value = more
        else:
            break
        at += 1
    return at, total + whole + value, scaled


def _number(items: list[Item], at: int, mark: int, reader: _Reader) -> int:
    """Give the number at `at` its type from the mark before and the word after; the index of the last item used."""
    written, value = items[at].full, items[at].value
    at, value, scaled = _spoken(items, at, value)
    after = items[at + 1] if at + 1 < len(items) else None
    if day := _date(written, value, mark, after, reader):
        return at + day - 1
    if after and after.role == DURATION and value >= 0 and mark not in (STATION, CANDIDATE):
        reader.amount("menit", value * after.value)
        return at + 1
    if after and after.role == CLOCK and after.full == "jam" and mark not in (STATION, MONEY):
        reader.amount("menit", value * 60)
        return at + 1
    if mark == PLACE_NUMBER:
        return at
    hour = _clock(written, value, mark, after)
    if hour is not None:
        reader.weights[f"pukul:{hour // 60}.{hour % 60:02d}"] = _CLOCK_WEIGHT
        reader.amounts.setdefault("pukul", []).append(hour)
    elif 0 < value < 1000 and (
        (mark == STATION and not (reader.stations and _in_name(items, at)))
        or (mark == CREW and _CREW_OF.fullmatch(written) and not _counts(after))
    ):
        reader.stations.append(int(value))
    elif (
        (mark == CANDIDATE and 0 < value < 10)
        or (mark == NUMBER_WORD and 0 < value < 5)
        or (mark == VOTE and 0 < value < 5 and not _counts(after))
        or _CANDIDATE.fullmatch(written)
    ):
        reader.candidate(value)
    elif value >= 0 and (mark == MONEY or (scaled and (not after or after.role != WORD))):
        reader.amount("rp", value)
        return at + 1 if after and after.role == MONEY else at
    elif value >= 0 and after and after.role == MONEY:
        reader.amount("rp", value)
        return at + 1
    elif scaled and value >= _DEAR and after and after.role == WORD and after.meaning not in _COUNTED:
        reader.amount("rp", value)
    elif value >= 0 and after and after.role == WORD:
        if after.meaning == "pose" and 0 < value < 10:  # "dua jari" is for number two
            reader.candidate(value)
        reader.amount(after.meaning, value)
        if value >= _FEW:
            reader.counts.add(int(value))
    else:
        if value >= _FEW:
            reader.counts.add(int(value))
        reader.weights[f"n:{value:g}" if value >= 0 else f"n:{written[:20]}"] = _NUMBER_WEIGHT
    return at


def _counts(after: Item | None) -> bool:
    """Whether the word behind a number says of what there are so many."""
    return after is not None and (after.role in (DURATION, CLOCK, MONEY, STATION, CANDIDATE) or after.meaning in _VOTED)


def _in_name(items: list[Item], at: int) -> bool:
    """Whether the number at `at` begins the name of a kelurahan, as in "TPS 12 16 Ulu"."""
    return at + 1 < len(items) and items[at + 1].full in vocabulary.load().numbered


def _clock(written: str, value: float, mark: int, after: Item | None) -> int | None:
    """Minutes since midnight or noon of a clock time, None when the number is none: "jam sebelas", "pukul 17.00",
    "07.30 WIB"."""
    if said := _HOURS.fullmatch(written):
        if mark not in (-1, CLOCK, NUMBER) or (after and after.role in (MONEY, MULTIPLIER)):
            return None
        hour, minute = int(said[1]), int(said[2])
    elif mark == CLOCK and 0 <= value <= 24 and value == int(value):
        hour, minute = int(value), 0
    else:
        return None
    return hour % _HALF_DAY * 60 + minute


def _date(written: str, value: float, mark: int, after: Item | None, reader: _Reader) -> int:
    """Take "4 Desember", "tanggal 4" or "4/12" as a date: how many items it has, 0 if it is none."""
    day, _, month = written.partition("/")
    if month.isdigit() and day.isdigit() and 0 < int(day) <= 31 and 0 < int(month) <= 12:
        when, used = int(day) * 100 + int(month), 1
    elif after is not None and after.role == MONTH and 0 < value <= 31:
        when, used = int(value) * 100 + int(after.value), 2
    elif mark == DATE_WORD and 0 < value <= 31:
        when, used = int(value) * 100, 1
    else:
        return 0
    reader.dates.add(when)
    reader.weights[f"tanggal:{when // 100}"] = _CLOCK_WEIGHT
    return used


@lru_cache(1)
def denials() -> frozenset[str]:
    """The meanings that deny. What they may be about is `said` with them: "belum buka" of "belum juga dibuka"."""
    return frozenset({word for word, (role, _) in vocabulary.load().roles.items() if role == NEGATION})


def meanings(text: str) -> tuple[str, ...]:
    """What the words of a rule in a data file mean, in order, stop words too; a phrase of the vocabulary is one."""
    found = [item for token in _TOKEN.findall(text) for item in _tokens[token].found]
    kept = _phrases([item for item in found if item.role != STOP])
    return tuple(item.meaning for item in (kept if len(kept) == 1 and kept[0] not in found else found))
