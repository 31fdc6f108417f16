"""What Grafana and its ClickHouse plugin make of a panel's SQL before ClickHouse sees it.

Two steps, as in reality: the browser puts the variables in (`${name:format}`, `$__conditionalAll`), the plugin's
backend the macros of time. Source: the plugin's documentation, "Macros" and "Template variables", version 4.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

ALL = "$__all"  # what Grafana calls "every option is chosen"
_VARIABLE = re.compile(r"\$\{(\w+)(?::(\w+))?\}|\$(?!__)(\w+)")
_MACRO = re.compile(r"\$__(\w+)")
_MOMENT = re.compile(r"\$\{__(from|to):date:([^}]+)\}")
MINUTE = "YYYYMMDDHHmmZZ"  # the one format of a moment that is used, in the browser's words; and in Python's:
_MINUTE = "%Y%m%d%H%M%z"

Variables = Mapping[str, Sequence[str]]


class MacroError(ValueError):
    """The SQL uses a macro or variable that there is not, or wrongly; the text says which."""


@dataclass(frozen=True)
class Range:
    """The time chosen on the dashboard, and the seconds between two points of a graph."""

    start: datetime
    end: datetime
    interval_s: int = 60


def expand(sql: str, time: Range, variables: Variables | None = None) -> str:
    """The SQL that reaches ClickHouse. Raises MacroError for what neither Grafana nor the plugin would replace."""
    return backend(frontend(sql, variables or {}, time), time)


def frontend(sql: str, variables: Variables, time: Range) -> str:
    """With the variables' values in place. A variable without values, or with ALL, is "all" for `$__conditionalAll`.

    `${__from:date:FORMAT}` is Grafana's global variable, in the browser's zone and words (Grafana, "Global variables").
    """
    sql = _MOMENT.sub(lambda match: _moment(time.start if match[1] == "from" else time.end, match[2]), sql)
    while (at := sql.rfind("$__conditionalAll")) >= 0:
        arguments, end = _arguments(sql, at + len("$__conditionalAll"))
        if len(arguments) != 2:
            raise MacroError("$__conditionalAll takes a condition and a variable")
        found = re.fullmatch(r"\$\{?(\w+)\}?", arguments[1].strip())
        if not found:
            raise MacroError(f"$__conditionalAll: {arguments[1].strip()} is no plain variable")
        chosen = _values(found[1], variables)
        everything = not chosen or chosen in ([""], [ALL])
        sql = sql[:at] + ("1=1" if everything else arguments[0]) + sql[end:]
    return _VARIABLE.sub(lambda match: _formatted(match[1] or match[3], match[2] or "raw", variables), sql)


def backend(sql: str, time: Range) -> str:
    """With the macros of time in place."""
    start, end = int(time.start.timestamp()), int(time.end.timestamp())
    seconds = max(1, time.interval_s)
    known: dict[str, Callable[[list[str]], str]] = {
        "fromTime": lambda _: f"toDateTime({start})",
        "toTime": lambda _: f"toDateTime({end})",
        "fromTime_ms": lambda _: f"fromUnixTimestamp64Milli({start * 1000})",
        "toTime_ms": lambda _: f"fromUnixTimestamp64Milli({end * 1000})",
        "timeFilter": lambda given: f"{given[0]} >= toDateTime({start}) AND {given[0]} <= toDateTime({end})",
        "timeFilter_ms": lambda given: (
            f"{given[0]} >= fromUnixTimestamp64Milli({start * 1000}) AND "
            f"{given[0]} <= fromUnixTimestamp64Milli({end * 1000})"
        ),
        "timeInterval": lambda given: f"toStartOfInterval(toDateTime({given[0]}), INTERVAL {seconds} second)",
        "interval_s": lambda _: str(seconds),
    }
    while found := _MACRO.search(sql):
        name = found[1]
        if name not in known:
            raise MacroError(f"There is no macro $__{name}")
        arguments, stop = _arguments(sql, found.end()) if sql[found.end() : found.end() + 1] == "(" else ([], 0)
        if name.startswith("time") and len(arguments) != 1:
            raise MacroError(f"$__{name} takes one column")
        sql = sql[: found.start()] + known[name](arguments) + sql[stop or found.end() :]
    return sql


def _moment(at: datetime, form: str) -> str:
    if form != MINUTE:
        raise MacroError(f"A moment as {form}: only {MINUTE} is used here")
    return at.strftime(_MINUTE)


def _values(name: str, variables: Variables) -> list[str]:
    if name not in variables:
        raise MacroError(f"The dashboard has no variable {name}")
    return list(variables[name])


def _formatted(name: str, form: str, variables: Variables) -> str:
    values = _values(name, variables)
    if form == "raw":
        return ",".join(values)
    if form == "singlequote":
        return ",".join("'" + value.replace("'", "\\'") + "'" for value in values)
    if form == "sqlstring":
        return ",".join("'" + value.replace("'", "''") + "'" for value in values)
    raise MacroError(f"${{{name}:{form}}}: only raw, singlequote and sqlstring are used here")


def _arguments(sql: str, at: int) -> tuple[list[str], int]:
    """The arguments between the brackets that begin at `at`, parted at commas outside inner brackets; where it ends."""
    if sql[at : at + 1] != "(":
        raise MacroError(f"a bracket is missing: {sql[max(0, at - 30) : at + 1]}")
    depth, begun, found = 0, at + 1, []
    for place in range(at, len(sql)):
        depth += {"(": 1, ")": -1}.get(sql[place], 0)
        if (sql[place] == "," and depth == 1) or depth == 0:
            found.append(sql[begun:place])
            begun = place + 1
        if depth == 0:
            return found, place + 1
    raise MacroError(f"a bracket is not closed: {sql[at : at + 40]}")
