from __future__ import annotations

import random
import re

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.simulator import wording
from producers.simulator.grammar import Grammar, GrammarError, Voice
from producers.simulator.message import Message
from producers.simulator.scenarios import library
from producers.simulator.style import Hand, of_province


def spoken(pattern: str, **words: str) -> set[str]:
    """Everything that 400 tries make of a pattern."""
    grammar = Grammar({"who": ["warga", "polisi"], "said": [pattern]})
    rng = random.Random(1)
    return {grammar.say("said", Voice(rng.random, dict(words))) for _ in range(400)}


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("tps {n}", {"tps 4"}),
        ("(a|b|c)", {"a", "b", "c"}),
        ("x[ y]", {"x", "x y"}),
        ("x[ y| z]", {"x", "x y", "x z"}),
        ("({who}|[sangat ]ramai)", {"warga", "polisi", "ramai", "sangat ramai"}),
        ("(a|(b|c)d)", {"a", "bd", "cd"}),
    ],
)
def test_a_pattern_says_all_its_forms(pattern: str, expected: set[str]) -> None:
    assert spoken(pattern, n="4") == expected


@pytest.mark.parametrize("broken", ["(a|b", "[x", "{name", "a)", "x]"])
def test_a_broken_pattern_names_its_place(broken: str) -> None:
    with pytest.raises(GrammarError, match=r"said: .* character"):
        Grammar({"said": [broken]})


def test_what_the_event_brings_goes_before_the_vocabulary() -> None:
    assert spoken("{who}", who="Linmas") == {"Linmas"}


def test_every_slot_of_every_scenario_can_be_filled() -> None:
    stock = library()  # raises GrammarError otherwise
    assert len(stock.scenarios) >= 35
    assert len(stock.claims) >= 25


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (7, "tujuh"),
        (11, "sebelas"),
        (15, "lima belas"),
        (50, "lima puluh"),
        (135, "seratus tiga puluh lima"),
        (600, "enam ratus"),
    ],
)
def test_numbers_are_said_in_indonesian(number: int, words: str) -> None:
    assert wording.in_words(number) == words


@pytest.mark.parametrize(
    ("official", "written"),
    [("Tiga-puluh-lima Ilir", "35 Ilir"), ("Satu Ulu", "1 Ulu"), ("Tanjung Baru", "Tanjung Baru")],
)
def test_spelled_out_names_are_written_with_digits(official: str, written: str) -> None:
    assert wording.digits(official) == written


@given(st.integers(0, 1439), st.integers(0, 10**6))
def test_a_spoken_clock_is_within_ten_minutes_when_it_has_digits(minutes: int, seed: int) -> None:
    said = wording.clock(minutes, random.Random(seed).random)
    if exact := re.fullmatch(r"(\d{1,2})[.:](\d{2})", said):
        assert int(exact[1]) * 60 + int(exact[2]) == minutes
    else:
        assert said


@given(st.integers(0, 10**6))
def test_typing_never_changes_a_digit(seed: int) -> None:
    rng = random.Random(seed)
    hand = Hand(dialect=0.8, short=0.9, typos=0.9, capitals="lower", stop=" ")
    bent = of_province("16").bend(
        "surat suara kurang 125 lembar di TPS 004, jam 06.45 tidak ada yang datang", hand, rng.random
    )
    assert re.findall(r"\d+", bent) == ["125", "004", "06", "45"]


def test_a_careful_hand_leaves_the_words_alone() -> None:
    hand = Hand(dialect=0, short=0, typos=0, capitals="as_written", stop=". ")
    plain = "surat suara tidak ada di TPS 4"
    assert of_province("16").bend(plain, hand, random.Random(1).random) == plain


def test_dialect_is_that_of_the_province() -> None:
    hand = Hand(dialect=1, short=0, typos=0, capitals="as_written", stop=" ")
    said = {
        code: of_province(code).bend("sudah banyak orang", hand, random.Random(2).random) for code in ("16", "13", "31")
    }
    assert "wong" in said["16"]
    assert "urang" in said["13"]
    assert len(set(said.values())) == 3


def texts(messages: list[Message]) -> list[str]:
    return [orjson.loads(message.value)["text"] for message in messages if message.message == "first" and message.value]


def test_texts_are_nearly_all_different(messages: list[Message]) -> None:
    said = texts(messages)
    plain = {" ".join(re.findall(r"\w+", text.lower())) for text in said}
    assert len(set(said)) > 0.98 * len(said)
    assert len(plain) > 0.95 * len(said)


def test_no_text_shows_the_grammar(messages: list[Message]) -> None:
    for text in texts(messages):
        assert not re.search(r"[{}\[\]|]|\(\w+\||  |^\W*$", text), text
        assert 3 <= len(text) <= 1000


def test_no_text_has_a_phone_number(messages: list[Message]) -> None:
    assert not [text for text in texts(messages) if re.search(r"\d{7,}|08\d\d", text)]
