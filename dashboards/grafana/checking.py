"""`posko dashboards check`: every question is asked, and what comes back must be what its panel needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.table import Table

from dashboards.grafana import alerts, variables
from dashboards.grafana.asking import Answer, Ask, Refused
from dashboards.grafana.cached import cached
from dashboards.grafana.macros import MacroError, Range, Variables
from dashboards.grafana.model import MOMENT, WORDS, Kind, Panel
from dashboards.grafana.pages import PAGES
from dashboards.grafana.variables import Place


@dataclass(frozen=True)
class Finding:
    """One question asked. `wrong` is "" when the answer is what is needed."""

    where: str
    what: str
    rows: int
    took_ms: float
    wrong: str = ""

    @property
    def fine(self) -> bool:
        return not self.wrong


def check(ask: Ask, place: Place, span: Range, pages: Sequence[str] = ()) -> list[Finding]:
    """Every panel, variable and alert rule of the dashboards named (none: all), in their order."""
    found: list[Finding] = []
    for name in pages or PAGES:
        page = PAGES[name]
        given = variables.given(page, place)
        found += _variables(ask, page.title, given, span)
        for panel in page.panels:
            found.append(_ask(ask, page.title, panel.question, cached(panel.sql), given, span, panel))
    if not pages:
        for rule in alerts.RULES:
            found.append(_ask(ask, "Peringatan", rule.title, rule.sql(place), {}, span))
    return found


def _variables(ask: Ask, where: str, given: dict[str, list[str]], span: Range) -> Iterator[Finding]:
    """Each variable that Grafana asks for, with the options of those before it, as Grafana does it."""
    options = dict(given)
    for name in (one for one in given if one in variables.QUERIES):
        try:
            answer = ask(variables.QUERIES[name], options, span)
        except Refused as error:
            yield Finding(where, f"variabel {name}", 0, 0, str(error))
            continue
        options[name] = [str(row[0]) for row in answer.rows]
        wrong = "" if answer.rows else "no options"
        if len(answer.columns) != 2:
            wrong = "a variable needs two columns: the value, and what people see"
        yield Finding(where, f"variabel {name}", len(answer.rows), answer.took_ms, wrong)


def _ask(
    ask: Ask,
    where: str,
    what: str,
    sql: str,
    given: Variables,
    span: Range,
    panel: Panel | None = None,
) -> Finding:
    try:
        answer = ask(sql, given, span)
    except (Refused, MacroError) as error:
        return Finding(where, what, 0, 0, str(error))
    wrong = judge(panel, answer) if panel else _rule(answer)
    return Finding(where, what, len(answer.rows), answer.took_ms, wrong)


def _rule(answer: Answer) -> str:
    numbers = [name for name, kind in zip(answer.columns, answer.kinds, strict=True) if kind == "number"]
    if numbers != ["value"] or set(answer.kinds) - {"number", "text"}:
        return f"an alert rule needs texts and one number `value`, not {', '.join(answer.columns)}"
    labels = [tuple(row[:-1]) for row in answer.rows]
    if len(set(labels)) != len(labels):
        return "two rows have the same labels"
    return "" if answer.rows else "no rows: it could never resolve"


def judge(panel: Panel, answer: Answer) -> str:
    """What is wrong with an answer for a panel, "" when it is what the panel needs."""
    if not answer.rows:
        return "" if panel.sparse else "no rows"
    kinds = dict(zip(answer.columns, answer.kinds, strict=True))
    if missing := [column.name for column in panel.columns if column.name not in kinds]:
        return f"missing: {', '.join(missing)}"
    needs = _NEEDS[panel.kind]
    for column in (*needs, *((column.name, "number") for column in panel.columns if _is_number(panel, column.name))):
        if kinds.get(column[0]) != column[1]:
            return f"{column[0]} is {kinds.get(column[0], 'missing')}, not a {column[1]}"
    if panel.kind is Kind.BARS and list(kinds.values()) != ["text", "number"]:
        return "bars need exactly one text and one number"
    if panel.kind is Kind.SERIES and answer.values("time") != sorted(answer.values("time")):
        return "time does not grow"
    if panel.kind is Kind.SERIES and not panel.sparse and not any(any(row[1:]) for row in answer.rows):
        return "nothing but zeros"
    if panel.kind is Kind.STAT and answer.values(panel.columns[0].name)[0] is None:
        return "no value"
    return ""


def _is_number(panel: Panel, name: str) -> bool:
    column = next(column for column in panel.columns if column.name == name)
    return panel.kind is Kind.SERIES or (bool(column.unit) and column.unit not in (MOMENT, WORDS))


_NEEDS: dict[Kind, tuple[tuple[str, str], ...]] = {
    Kind.STAT: (),
    Kind.TABLE: (),
    Kind.SERIES: (("time", "time"),),
    Kind.BARS: (),
    Kind.MAP: (("lat", "number"), ("lng", "number"), ("open", "number"), ("worst", "number")),
}


def shown(found: Sequence[Finding]) -> Table:
    """For people: what was asked, how many rows, how long, what is wrong."""
    table = Table("dashboard", "question", "rows", "ms", "", title=_summary(found), title_justify="left")
    for one in found:
        mark = "[green]ok[/]" if one.fine else f"[bold red]{one.wrong}[/]"
        table.add_row(one.where, one.what, f"{one.rows:,}", f"{one.took_ms:.0f}", mark)
    return table


def _summary(found: Sequence[Finding]) -> str:
    bad = sum(not one.fine for one in found)
    slowest = max(found, key=lambda one: one.took_ms)
    return f"{len(found)} questions, {bad} wrong; slowest: {slowest.what} ({slowest.where}), {slowest.took_ms:.0f} ms"
