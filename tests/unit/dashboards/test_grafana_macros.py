"""Macros and variables become what Grafana and the plugin make of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dashboards.grafana.cached import cached
from dashboards.grafana.macros import MacroError, Range, expand, frontend
from sinks.queries import panels as questions

SPAN = Range(datetime(2024, 11, 27, 0, tzinfo=UTC), datetime(2024, 11, 27, 6, tzinfo=UTC), 300)
START, END = 1732665600, 1732687200


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("$__timeFilter(at)", f"at >= toDateTime({START}) AND at <= toDateTime({END})"),
        ("$__timeInterval(at) AS time", "toStartOfInterval(toDateTime(at), INTERVAL 300 second) AS time"),
        ("$__fromTime, $__toTime", f"toDateTime({START}), toDateTime({END})"),
        ("$__interval_s", "300"),
        ("$__fromTime_ms", f"fromUnixTimestamp64Milli({START}000)"),
        ("${__from:date:YYYYMMDDHHmmZZ} ${__to:date:YYYYMMDDHHmmZZ}", "202411270000+0000 202411270600+0000"),
    ],
    ids=["filter", "interval", "ends", "seconds", "milliseconds", "minutes"],
)  # fmt: skip
def test_macros_of_time_are_those_of_the_plugin(sql: str, expected: str) -> None:
    assert expand(sql, SPAN) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["$__all"], "1=1"),
        ([""], "1=1"),
        ([], "1=1"),
        (["16.71"], "regency IN ('16.71')"),
        (["16.71", "16.02"], "regency IN ('16.71','16.02')"),
    ],
    ids=["all", "empty", "nothing", "one", "two"],
)
def test_a_condition_on_a_variable_falls_away_when_all_is_chosen(values: list[str], expected: str) -> None:
    sql = "$__conditionalAll(regency IN (${kabupaten:singlequote}), $kabupaten)"
    assert frontend(sql, {"kabupaten": values}, SPAN) == expected


def test_what_people_write_into_a_variable_stays_a_text() -> None:
    assert frontend("${insiden:singlequote}", {"insiden": ["x' OR 1=1"]}, SPAN) == "'x\\' OR 1=1'"


@pytest.mark.parametrize(
    ("sql", "complaint"),
    [
        ("$__timeGroup(at, 1m)", "no macro"),
        ("$__timeFilter(a, b)", "takes one column"),
        ("$__conditionalAll(x)", "a condition and a variable"),
        ("$__conditionalAll(x, ${kabupaten:csv})", "no plain variable"),
        ("${nonsense}", "no variable nonsense"),
        ("$__timeFilter(at", "not closed"),
        ("${__from:date:HH}", "only YYYYMMDDHHmmZZ"),
    ],
)
def test_what_grafana_would_leave_standing_is_refused(sql: str, complaint: str) -> None:
    with pytest.raises(MacroError, match=complaint):
        expand(sql, SPAN, {"kabupaten": ["16.71"]})


def test_screens_that_ask_within_the_same_minute_ask_the_same_text() -> None:
    sql = cached(questions.load(questions.PANELS, "opened_closed").sql)
    second = timedelta(seconds=1)
    texts = {expand(sql, Range(SPAN.start + number * second, SPAN.end + number * second, 300)) for number in range(60)}
    assert len(texts) == 1
    assert "use_query_cache = 1" in texts.pop()
