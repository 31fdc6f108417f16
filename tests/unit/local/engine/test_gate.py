from __future__ import annotations

import pytest

from posko.local.engine.auth import Role
from posko.local.engine.errors import ClickHouseError
from posko.local.engine.gate import Gate, Kind


class Parser:
    """Answers as ClickHouse would; by default the canonical form is the statement itself."""

    def __init__(self, name: str = "READ_ONLY", count: int = 1, canonical: str | None = None) -> None:
        self.name, self.count, self.spelling, self.asked = name, count, canonical, 0

    def classify(self, query: str) -> tuple[str, int]:
        return self.name, self.count

    def canonical(self, query: str) -> str:
        self.asked += 1
        return self.spelling if self.spelling is not None else query


GATE = Gate(frozenset({"file", "url", "numbers", "Python", "someFutureSource"}))


def judge(query: str, parser: Parser | None = None, role: Role = Role.FULL, read_only: bool = False) -> Kind:
    return GATE.judge(parser or Parser(), query, role, read_only)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("READ_ONLY", Kind.READ), ("MUTATING", Kind.WRITE), ("MUTATING_GLOBAL", Kind.WRITE), ("CONTROL", Kind.CONTROL)],
)
def test_the_full_user_may_do_what_stays_inside(name, kind):
    assert judge("…", Parser(name, canonical="SELECT 1")) is kind


@pytest.mark.parametrize("name", ["MUTATING", "MUTATING_GLOBAL", "CONTROL", "SOMETHING_NEW"])
@pytest.mark.parametrize(("role", "read_only"), [(Role.READER, False), (Role.FULL, True)])
def test_readers_and_get_may_only_read(name, role, read_only):
    with pytest.raises(ClickHouseError) as caught:
        judge("X", Parser(name), role, read_only)
    assert caught.value.code == 164


@pytest.mark.parametrize(("name", "count"), [("READ_ONLY", 2), ("UNKNOWN", 0)])
def test_one_statement_at_a_time(name, count):
    with pytest.raises(ClickHouseError) as caught:
        judge("X", Parser(name, count))
    assert caught.value.code == 62


@pytest.mark.parametrize(
    "canonical",
    [
        "SELECT file('x')",
        "SELECT `file`('x')",
        "SELECT FILE('x')",
        "SELECT * FROM url('x')",
        "SELECT * FROM someFutureSource(1)",
        "SELECT * FROM Python(x)",
        "SELECT COLUMNS('a') APPLY file FROM t",
        "SELECT COLUMNS('a') APPLY (file) FROM t",
        "SELECT COLUMNS('a') APPLY (x -> file(x)) FROM t",
        "CREATE TABLE t (`a` String) ENGINE = File",
        "CREATE TABLE t (`a` String) ENGINE = File(CSV)",
        "SELECT 1 INTO OUTFILE 'x'",
        "INSERT INTO t FROM INFILE 'x' FORMAT CSV",
    ],
)
def test_whatever_reaches_outside_is_refused(canonical):
    for query in (canonical, r"anything with \ may hide a name"):
        with pytest.raises(ClickHouseError) as caught:
            judge(query, Parser(canonical=canonical))
        assert caught.value.code == 497


@pytest.mark.parametrize(
    "query",
    [
        "SELECT file, url AS file FROM profile",
        "SELECT 'file(x)', 'INTO OUTFILE'",
        "SELECT * FROM numbers(3)",
        "SELECT path FROM t WHERE name = 'file' AND (url IN ('a'))",
    ],
)
def test_words_that_only_look_like_it_are_allowed(query):
    assert judge(query) is Kind.READ


def test_ordinary_statements_are_parsed_once():
    parser = Parser()
    judge("SELECT count() FROM reports WHERE category = 'logistics'", parser)
    assert parser.asked == 0
