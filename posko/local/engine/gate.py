"""What a statement may do, judged by ClickHouse's own parser before it runs.

Three things stand behind each other. `classify_query` says whether a statement reads, writes or controls. `formatQuery`
writes it anew in one canonical spelling, in which functions that reach outside the database are looked for. Roles,
constraints and row policies inside ClickHouse (`config`) hold even if both were wrong, except for the scalar function
`file`, which chDB lets anyone call.
"""

from __future__ import annotations

import enum
import re
from typing import Protocol

from posko.local.engine import sql
from posko.local.engine.auth import Role
from posko.local.engine.errors import ACCESS_DENIED, READONLY, SYNTAX_ERROR, ClickHouseError


class Kind(enum.Enum):
    """What a statement does."""

    READ = "read"
    WRITE = "write"
    CONTROL = "control"  # SET, USE, KILL, SYSTEM, temporary tables: may leave something behind in the connection


class Parser(Protocol):
    """The parts of a connection that the gate needs."""

    def classify(self, query: str) -> tuple[str, int]:
        """ClickHouse's class (READ_ONLY, MUTATING, …; UNKNOWN: it does not parse), and the number of statements."""

    def canonical(self, query: str) -> str:
        """The statement in ClickHouse's own spelling: no comments, one way to quote. Raises if it does not parse."""


# Table functions that stay inside the database. All others are refused, those of future versions too.
# fmt: off
_INSIDE = frozenset({
    "numbers", "numbers_mt", "zeros", "zeros_mt", "null", "values", "view", "viewifpermitted", "merge",
    "generaterandom", "generateseries", "generate_series", "primes", "input", "format", "loop", "dictionary",
    "mergetreeindex", "mergetreeprojection", "mergetreeanalyzeindexes",
})
# fmt: on
# Not table functions, but they reach outside all the same: the scalar `file`, language models, sources of dictionaries.
# fmt: off
_ALSO_OUTSIDE = frozenset({
    "file", "executable", "executablepool", "executable_pool", "http", "clickhouse", "catboostevaluate",
    "aigenerate", "aiclassify", "aiembed", "aiextract", "aifilter", "airedact", "aisimilarity", "aitranslate",
})
# fmt: on
# For a version whose list of table functions cannot be read.
# fmt: off
_KNOWN_OUTSIDE = frozenset({
    "file", "filecluster", "filesystem", "eval", "python", "arrowstream", "executable", "url", "s3", "remote",
    "sqlite",
})
# fmt: on


class Gate:
    """Judges statements. `table_functions` are the names that this version of ClickHouse has."""

    def __init__(self, table_functions: frozenset[str]) -> None:
        known = {name.lower() for name in table_functions} | _KNOWN_OUTSIDE
        self.outside = (known - _INSIDE) | _ALSO_OUTSIDE
        names = "|".join(sorted(map(re.escape, {*self.outside, "infile", "outfile"})))
        # A backslash may hide a name (`fi\x6ce`); anything that might be a name is looked at closely.
        self._suspicious = re.compile(rf"\\|(?<![a-z0-9_])(?:{names})(?![a-z0-9_])", re.IGNORECASE)

    def judge(self, parser: Parser, query: str, role: Role, read_only: bool) -> Kind:
        """What the statement does.

        `read_only` is a request that must not write whoever asks: HTTP's GET. Raises ClickHouseError for what is not
        allowed, does not parse, or is more than one statement.
        """
        name, count = parser.classify(query)
        if name == "UNKNOWN":
            parser.canonical(query)  # raises with the place of the mistake
            raise ClickHouseError.say(SYNTAX_ERROR, "This statement is not understood")
        if count > 1:
            raise ClickHouseError.say(SYNTAX_ERROR, "Multi-statements are not allowed: send one statement a request")
        kind = {"READ_ONLY": Kind.READ, "CONTROL": Kind.CONTROL}.get(name, Kind.WRITE)
        if kind is not Kind.READ and role is Role.READER:
            raise ClickHouseError.say(READONLY, "Cannot execute query in readonly mode: this user may only read")
        if kind is not Kind.READ and read_only:
            raise ClickHouseError.say(
                READONLY,
                "Cannot execute query in readonly mode. For queries over HTTP, method GET implies readonly. "
                "You should use method POST for modifying queries.",
            )
        if self._suspicious.search(query) or not query.isascii():
            self._refuse_outside(parser.canonical(query))
        return kind

    def _refuse_outside(self, canonical: str) -> None:
        before, before_that = "", ""
        found = [token for token in sql.tokens(canonical) if token.kind != "string"]
        for token, after in zip(found, [*found[1:], None], strict=True):
            name = token.text.lower()
            if token.kind == "word" and name in {"infile", "outfile"} and before in {"from", "into"}:
                raise _denied(f"{before.upper()} {name.upper()}")
            called = after is not None and after.text == "("
            applied = before == "apply" or (before == "(" and before_that == "apply")
            if (
                token.kind in {"word", "quoted"}
                and name in self.outside
                and (called or applied or before_that == "engine")
            ):
                raise _denied(token.text)
            before, before_that = name, before


def _denied(what: str) -> ClickHouseError:
    return ClickHouseError.say(
        ACCESS_DENIED, f"Not enough privileges. {what} reaches outside the database; this endpoint does not offer it"
    )
