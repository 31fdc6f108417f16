"""What somebody writes about an event: the words of one message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from producers.simulator import wording
from producers.simulator.grammar import Grammar, Phrase, Random, Voice
from producers.simulator.people import Person
from producers.simulator.scenarios import Scenario
from producers.simulator.style import of_province, pick
from producers.simulator.world import Village, World

HERE = (
    "di sini",
    "di tempat kami",
    "di TPS kami",
    "di desa kami",
    "di kampung kami",
    "di sini pak",
    "di lingkungan kami",
)
MINE = ("TPS kami", "TPS sini", "tempat kami", "desa kami", "kampung kami", "TPS saya")
REASONS = frozenset({"cause", "why", "how", "from"})  # facts that nobody says twice in one message
_AT = ("di ", "di ", "di ", "d ", "@", "")


@dataclass(frozen=True, slots=True)
class Told:
    """One thing to tell: what, where, when, and which part of it."""

    scenario: Scenario
    facts: dict[str, Any]
    stage: str  # "" for the event itself, else a key of the scenario's `later`
    village: Village
    tps: int  # 0 when it is not at one polling station
    minutes: int  # local time of day of what is told, minutes since midnight


class Teller:
    """Puts events into words, in the grammar and the world of one simulation."""

    def __init__(self, grammar: Grammar, world: World) -> None:
        self._grammar = grammar
        self._world = world

    def text(self, told: Told, person: Person, placed: bool, random: Random) -> str:
        """The message of this person; `placed` says that its fields already tell the place, so that words need not."""
        voice = Voice(random, self._words(told, person, placed, random))
        sentences = self._sentences(told, person, voice)
        stop = person.hand.stop
        parts = [sentence for sentence in map(_tidy, sentences) if sentence]
        text = _joined(parts, stop)
        styled = of_province(told.village.province).bend(text, person.hand, random)
        if person.hand.stop.strip() in ("!", "!!") and random() < 0.6:
            styled += person.hand.stop.strip()
        elif person.hand.capitals == "sentence" and random() < 0.5:
            styled += "."
        return styled[:1000]

    def _sentences(self, told: Told, person: Person, voice: Voice) -> list[str]:
        scenario, say, random, wordy = told.scenario, self._grammar.say, voice.random, person.wordy
        if scenario.category == "hoax":
            return self._hoax(told, person, voice)
        sentences = []
        register = person.role.register
        if random() < 0.15 + 0.6 * wordy:
            opening = {"formal": "open_formal", "news": "open_news"}.get(register, "open_plain")
            sentences.append(say(opening if random() < 0.8 else "open_plain", voice))
        if register != "news" and random() < 0.28 * wordy:
            sentences.append(say("intro", voice))
        core = (scenario.later[told.stage] if told.stage else scenario.say)(voice)
        sentences.append(core)
        if told.stage and random() < 0.6:
            return [*sentences, say("thanks", voice)] if random() < 0.3 * wordy else sentences
        for phrase, chance in (
            (scenario.more, 0.75),
            (scenario.more, 0.25),
            (scenario.effect, 0.5),
            (scenario.ask, 0.55),
        ):
            if phrase is not None and random() < chance * (0.25 + wordy):
                given = len(voice.said)
                sentence = phrase(voice)
                again = any(reason in voice.said[:given] for reason in voice.said[given:])
                if not again and sentence not in sentences:
                    sentences.append(sentence)
        if random() < 0.2 * wordy:
            sentences.append(say("sure", voice))
        if random() < 0.35 * wordy:
            sentences.append(say("thanks_formal" if register == "formal" else "thanks", voice))
        return sentences

    def _hoax(self, told: Told, person: Person, voice: Voice) -> list[str]:
        """A claim: passed on, asked about, reported or answered."""
        voice.words["claim"] = _tidy(told.scenario.say(voice))
        sentences = [self._grammar.say("answer" if told.stage else "frame", voice)]
        if voice.random() < 0.3 * person.wordy:
            sentences.insert(
                0, self._grammar.say("open_formal" if person.role.register == "formal" else "open_plain", voice)
            )
        if voice.random() < 0.22 * person.wordy:
            sentences.append(self._grammar.say(pick(("ask_clear", "thanks", "effect_hoax"), voice.random), voice))
        return sentences

    def _words(self, told: Told, person: Person, placed: bool, random: Random) -> dict[str, Phrase | str]:
        """The slots that this event and this speaker fill."""
        words: dict[str, Phrase | str] = {}
        for name, fact in told.facts.items():
            words[name] = wording.count(fact, random) if isinstance(fact, int) else self._wording(name, fact)
        spot = self._spot(told, random, full=random() < 0.5 + 0.3 * person.wordy)
        vague = random() < (0.5 if placed else 0.04)
        words["spot"] = pick(MINE, random) if vague else spot
        words["place"] = (pick(HERE, random) if random() < 0.6 else "") if vague else pick(_AT, random) + spot
        if told.scenario.at in ("regency", "outside"):
            home = self._world.names.get(told.village.regency, told.village.name)
            words["of_place"] = wording.regency(home, random)
        words["self"] = pick(person.role.selves, random)
        short = random() < 0.5 or told.scenario.at in ("regency", "district", "outside")
        words["self_place"] = "sini" if short else wording.village(told.village.code, told.village.name, random)
        words["clock"] = wording.clock(told.minutes + int(random() * 7) - 3, random)
        words["daypart"] = wording.daypart(told.minutes)
        return words

    def _wording(self, name: str, fact: str) -> Phrase | str:
        phrase = self._grammar.get(fact)
        if phrase is None or name not in REASONS:
            return phrase or fact

        def noted(voice: Voice) -> str:
            voice.said.append(name)
            return phrase(voice)

        return noted

    def _spot(self, told: Told, random: Random, full: bool) -> str:
        """The place in words: polling station, village, kecamatan, as much of it as this person says."""
        village, names = told.village, self._world.names
        if told.scenario.at == "regency":
            what = random()
            if what < 0.55:
                return wording.village(village.code, village.name, random)
            if what < 0.8:
                return wording.district(names.get(village.district, ""), random)
            return wording.regency(names.get(village.regency, ""), random)
        if told.scenario.at == "outside":
            return wording.regency(village.name, random)
        if told.scenario.at == "district":
            return wording.district(names.get(village.district, ""), random)
        place = wording.village(village.code, village.name, random)
        if told.tps and random() < 0.9:
            place = pick(("{tps} {village}", "{tps} {village}", "{tps}, {village}", "{village} {tps}"), random).format(
                tps=wording.station(told.tps, random), village=place
            )
        if full:
            place += pick((" ", ", ", " "), random) + wording.district(names.get(village.district, ""), random)
            if random() < 0.12:
                place += " " + wording.regency(names.get(village.regency, ""), random)
        return place


def _tidy(sentence: str) -> str:
    """Without the gaps that words left out leave behind."""
    return " ".join(sentence.split()).replace(" ,", ",").replace(" .", ".").replace(",,", ",").strip(" ,.:")


def _joined(parts: list[str], stop: str) -> str:
    """Sentences one after another; a short opening is followed by a comma rather than a full stop."""
    text = ""
    for part in parts:
        if not text:
            text = part
        elif len(text) < 30 and "." not in text and stop in (". ", ".", "; "):
            text += ", " + part
        else:
            text += stop + part
    return text
