from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posko.local.engine import sql


@pytest.mark.parametrize(
    ("body", "head", "format_name", "data"),
    [
        ("INSERT INTO t FORMAT CSV\n1,2", "INSERT INTO t ", "CSV", "1,2"),
        ("insert into t (a, b) format JSONEachRow {}", "insert into t (a, b) ", "JSONEachRow", "{}"),
        (
            "INSERT INTO t SETTINGS max_threads = 1 FORMAT Native\r\n\r\n",
            "INSERT INTO t SETTINGS max_threads = 1 ",
            "Native",
            "\r\n",
        ),
        ("INSERT INTO t VALUES (1), (2)", "INSERT INTO t ", "Values", " (1), (2)"),
        ("INSERT INTO t (a) VALUES", "INSERT INTO t (a) ", "Values", ""),
        ("INSERT INTO t FORMAT Values (1)", "INSERT INTO t ", "Values", " (1)"),
        ("INSERT INTO db.format FORMAT CSV\nx", "INSERT INTO db.format ", "CSV", "x"),
        ("INSERT INTO format FORMAT CSV\nx", "INSERT INTO format ", "CSV", "x"),
        ("INSERT INTO TABLE values (a) FORMAT CSV\nx", "INSERT INTO TABLE values (a) ", "CSV", "x"),
        ("INSERT INTO `FORMAT x` (`VALUES`) FORMAT CSV\nx", "INSERT INTO `FORMAT x` (`VALUES`) ", "CSV", "x"),
        (
            "/* FORMAT a */ INSERT -- VALUES\nINTO t FORMAT CSV\nx",
            "/* FORMAT a */ INSERT -- VALUES\nINTO t ",
            "CSV",
            "x",
        ),
        ("INSERT INTO té FORMAT CSV\né", "INSERT INTO té ", "CSV", "é"),
        ("INSERT INTO t FORMAT CSV", "INSERT INTO t ", "CSV", ""),
    ],
)
def test_an_insert_is_cut_where_its_data_begins(body, head, format_name, data):
    raw = body.encode()
    insert = sql.split_insert(raw)
    assert insert is not None
    assert (insert.head, insert.format, raw[insert.data_at :].decode()) == (head, format_name, data)


@pytest.mark.parametrize(
    "body",
    [
        "SELECT 1 FORMAT CSV",
        "INSERT INTO t SELECT 1 FORMAT CSV",
        "INSERT INTO t (a) WITH x AS (SELECT 1) SELECT * FROM x",
        "INSERT INTO t FROM INFILE 'x' FORMAT CSV",
        "INSERT INTO t",
        "INSERT INTO t FORMAT",
        "",
    ],
)
def test_what_carries_no_data_is_not_cut(body):
    assert sql.split_insert(body.encode()) is None


@given(st.binary(max_size=200))
def test_data_of_any_bytes_is_left_alone(data):
    body = b"INSERT INTO t FORMAT Native\n" + data
    insert = sql.split_insert(body)
    assert insert is not None
    assert body[insert.data_at :] == data


@given(st.text(max_size=100))
def test_any_text_is_cut_into_tokens_that_cover_it_in_order(text):
    ends = [0]
    for token in sql.tokens(text):
        assert token.start >= ends[-1]
        ends.append(token.end)
    assert ends[-1] <= len(text)


@pytest.mark.parametrize(
    ("query", "format_name"),
    [
        ("SELECT 1", None),
        ("SELECT 1 FORMAT JSON", "JSON"),
        ("SELECT 1 format json ;", "json"),
        ("SELECT 1 FORMAT JSON SETTINGS max_threads = 1", "JSON"),
        ("SELECT 1 SETTINGS max_threads = 1 FORMAT JSON", "JSON"),
        ("SELECT 'FORMAT JSON'", None),
        ("SELECT 1 -- FORMAT JSON", None),
        ("SELECT $a$ FORMAT JSON $a$", None),
        ("SELECT 1 AS format FROM t", None),
        ("SELECT a AS format FROM t ORDER BY format DESC", None),
        ("SELECT a AS format FROM t ORDER BY format FORMAT CSV", "CSV"),
        ("SELECT format SETTINGS max_threads = 1", None),
        ("SELECT * FROM (SELECT 1 FORMAT JSON)", None),
        ("SHOW TABLES FORMAT CSV", "CSV"),
    ],
)
def test_the_format_that_a_query_names(query, format_name):
    assert sql.result_format(query) == format_name


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("select 1", "SELECT"),
        (" /* x */ -- y\n ((SELECT 1))", "SELECT"),
        ("# x\nWITH a AS (SELECT 1) SELECT a", "WITH"),
        ("'text'", ""),
        ("", ""),
    ],
)
def test_the_first_word(query, word):
    assert sql.first_word(query) == word


def test_quoted_names_are_told_by_their_meaning():
    assert [token.text for token in sql.tokens(r'`a\`b` "c""d" `e``f`')] == ["a`b", 'c"d', "e`f"]


def test_literals_and_names_are_quoted():
    assert sql.literal("it's \\") == "'it\\'s \\\\'"
    assert sql.identifier("a`b\\") == "`a\\`b\\\\`"
    assert sql.parameter("a\tb\nc\\d\r\0") == "a\\tb\\nc\\\\d\\r\\0"
