"""Places named in free text: one pass over the words with a dictionary tree; only a bounded cache grows."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from posko.regions import codes
from posko.regions.decide import Mention, decide
from posko.regions.lexicon import Lexicon, Word
from posko.regions.numbers import read
from posko.regions.spelling import WORD, forms, spellings

MAX_TEXT = 4_000  # characters looked at, the report's own limit
MAX_MENTIONS = 24  # of one text: more is a list, not a report
TOKEN = re.compile(rf"[^\W\d_]+2(?!\w)|{WORD.pattern}")  # `alang2 lebar`
END = ""  # key of a tree node that holds the codes of the name ending there

Node = dict[str, Any]
Token = tuple[Word, "re.Match[str]"]


class Found(msgspec.Struct, frozen=True, gc=False):
    """A place mention: `span` (start, end) in the text; `score` 0 to 1, below 0.5 for a mere common ancestor."""

    code: str
    level: str
    span: tuple[int, int]
    score: float


class Name(NamedTuple):
    """A name found in the tree: the index of the token behind it, and the codes it can mean."""

    stop: int
    codes: tuple[str, ...]


class Finder:
    """Finds the names of one area's regions in texts, and says which region is meant when a name repeats."""

    def __init__(self, regions: Iterable[tuple[str, str, str]]) -> None:
        """`regions` are (code, level, official name) of all regions that can be found."""
        self._known = spellings()
        self._tree: Node = {}
        words: set[str] = set()
        for code, level, name in regions:
            names = [*forms(name, level), *(tuple(alias.split()) for alias in self._known.aliases.get(code, ()))]
            for form in names:
                words.update(form)
                self._add(form, code)
        self._lexicon = Lexicon(words, self._tree)

    def find(self, text: str, within: str = "") -> list[Found]:
        """Place mentions in `text`: the certain before the ambiguous, the precise before the wide, then by score.

        `within` is the code of where the writer is at home. It decides between regions of one name when the other
        mentions of the text do not. A name that still means several regions gives the smallest region that holds all
        of them, with a score below 0.5; nothing when that is all of Indonesia.
        """
        lexicon = self._lexicon
        tokens = [(lexicon[match.group()], match) for match in TOKEN.finditer(text, 0, MAX_TEXT)]
        mentions = self._mentions(tokens)
        found = []
        for mention in mentions:
            code, score = decide(mention, mentions, within)
            if code:
                found.append(Found(code, codes.level_of(code), (mention.start, mention.end), round(score, 3)))
        if len(found) > 1:
            found.sort(key=lambda one: (one.score < 0.5, -len(one.code), -one.score, one.span))
        return found

    def _add(self, words: tuple[str, ...], code: str) -> None:
        node = self._tree
        for word in words:
            node = node.setdefault(word, {})
        held: tuple[str, ...] = node.get(END, ())
        if code not in held:
            node[END] = (*held, code)

    def _mentions(self, tokens: list[Token]) -> list[Mention]:
        mentions: list[Mention] = []
        hint: Word | None = None
        at = 0
        while at < len(tokens) and len(mentions) < MAX_MENTIONS:
            word = tokens[at][0]
            if name := (word.opens and self._longest(tokens, at)) or self._written_apart(tokens, at):
                mention = self._judge(tokens[at : name.stop], name, hint)
                if mention:
                    mentions.append(mention)
                    hint, at = None, name.stop
                    continue
            if word.level:
                hint = word
            elif not word.filler:
                hint = None
            at += 1
        return mentions

    def _longest(self, tokens: list[Token], at: int) -> Name | None:
        """The longest name that begins at token `at`."""
        ends: list[tuple[int, bool, tuple[str, ...]]] = []
        paths: list[tuple[Node, int, bool]] = [(self._tree, at, False)]
        while paths:
            node, here, spelt = paths.pop()
            if held := node.get(END):
                ends.append((here, spelt, held))
            if here < len(tokens):
                self._step(node, tokens, here, paths)
        if not ends:
            return None
        stop = max(here for here, _, _ in ends)
        longest = [held for here, _, held in ends if here == stop]
        if all(spelt for here, spelt, _ in ends if here == stop):
            # "Karang Anyar dua saksi": the number may belong to what follows, so the shorter name is meant as well.
            shorter = [here for here, _, _ in ends if here < stop]
            if shorter:
                stop = max(shorter)
                longest = [held for here, _, held in ends if here == stop] + longest
        return Name(stop, tuple(dict.fromkeys(code for held in longest for code in held)))

    def _written_apart(self, tokens: list[Token], at: int) -> Name | None:
        """The name of one word that stands as two at token `at`: `Tangga Takat`."""
        if at + 1 < len(tokens):
            node = self._tree.get(tokens[at][0].low + tokens[at + 1][0].low)
            if node is not None and (held := node.get(END)):
                return Name(at + 2, held)
        return None

    def _step(self, node: Node, tokens: list[Token], here: int, paths: list[tuple[Node, int, bool]]) -> None:
        """Add to `paths` where the tree leads from `node` with the token `here` (or with the number that begins
        there), and whether that was a number in words."""
        word = tokens[here][0]
        if word.written_number:
            value, length = read([token[0].low for token in tokens[here : here + 3]])
            if below := node.get(str(value)):
                paths.append((below, here + length, True))
        for reading in word.readings:
            below = node
            for part in reading:
                below = below.get(part)
                if below is None:
                    break
            else:
                paths.append((below, here + 1, word.written_number))

    def _judge(self, tokens: list[Token], name: Name, hint: Word | None) -> Mention | None:
        """A mention for a name, None if its words are rather everyday language. `hint`: the word for its level before
        it."""
        fitting = tuple(code for code in name.codes if codes.level_of(code) == hint.level) if hint else ()
        candidates = fitting or name.codes
        slips = sum(word.slip for word, _ in tokens)
        single, weak = len(tokens) == 1, False
        if single:
            word, match = tokens[0]
            raw, low = match.group(), word.low
            if low.isdecimal() or (low in self._known.doubtful and not _capital(raw)):
                return None
            if (low in self._known.ordinary or word.everyday) and not hint:
                candidates, weak = tuple(code for code in candidates if len(code) == 8), True
            if (slips and not fitting and (len(low) < 7 or len(word.readings) > 1)) or (
                len(low) < 3 and not hint and low in self._known.abbreviations
            ):
                return None
        if not candidates:
            return None
        if not hint and self._is_phrase(tokens):
            weak = True
        score = (1.0 if fitting or not single else 0.9) * 0.8**slips
        sort = self._known.sorts.get(hint.low, "") if hint else ""
        return Mention(tokens[0][1].start(), tokens[-1][1].end(), candidates, score, weak, sort)

    def _is_phrase(self, tokens: list[Token]) -> bool:
        """Whether the words are rather everyday language than a name: "pasar lama", not "Pasar Lama"."""
        if " ".join(word.low for word, _ in tokens) not in self._known.phrases:
            return False
        return not all(_capital(match.group()) for _, match in tokens)


def _capital(raw: str) -> bool:
    """Written as a name: with a capital; a short form in capitals throughout."""
    return raw.isupper() if len(raw) <= 3 else raw[0].isupper()
