from __future__ import annotations

import pytest

from sinks import queries

GOOD = """-- id: Apa?
-- en: What?
-- param limit = 10: rows
-- param place = '': where
SELECT {limit:UInt8}, {place:String}"""


@pytest.mark.parametrize("name", queries.names())
def test_every_saved_question_says_what_it_answers_in_both_languages(name: str) -> None:
    question = queries.load(name)
    assert question.question["id"].endswith("?")
    assert question.question["en"].endswith("?")
    assert question.params.keys() == question.about.keys()


def test_the_header_gives_parameters_with_defaults() -> None:
    question = queries.parse("x", GOOD)
    assert question.params == {"limit": 10, "place": ""}
    assert question.about == {"limit": "rows", "place": "where"}
    assert question.sql == "SELECT {limit:UInt8}, {place:String}"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (GOOD.replace("-- en: What?\n", ""), "missing in en"),
        (GOOD.replace("-- param limit = 10: rows\n", ""), "not those in the header"),
        (GOOD.replace("limit = 10: rows", "limit"), "write `-- param"),
    ],
)
def test_a_header_that_does_not_fit_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        queries.parse("x", text)


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(queries.UnknownQuery, match="newest_incidents"):
        queries.load("../secrets")
