"""Answers that many screens share: thirty viewers who refresh every five seconds ask ClickHouse once.

ClickHouse's query cache knows a question by its text, and the plugin's macros of time write the second into it at which
each browser asked. So a panel's ends of time are whole minutes, which browsers put in: the minute in which the time
chosen begins, and the end of the minute in which it ends.
"""

from __future__ import annotations

import re

from dashboards.grafana.macros import MINUTE

# Less than the quickest dashboard's refresh, so that what somebody did is on the screen at its next one.
KEEP_S = 3
SETTINGS = (
    f"SETTINGS use_query_cache = 1, query_cache_ttl = {KEEP_S}, "
    "query_cache_nondeterministic_function_handling = 'save', query_cache_system_table_handling = 'save'"
)
FROM, TO = (f"parseDateTime('${{__{end}:date:{MINUTE}}}', '%Y%m%d%H%i%z')" for end in ("from", "to"))
AFTER = f"addMinutes({TO}, 1)"
_FILTER = re.compile(r"\$__timeFilter\((\w+)\)")


def cached(sql: str) -> str:
    """The SQL with ClickHouse's query cache and ends of time that viewers share."""
    sql = _FILTER.sub(rf"(\1 >= {FROM} AND \1 < {AFTER})", sql)
    return f"{sql.replace('$__fromTime', FROM).replace('$__toTime', AFTER)}\n{SETTINGS}"
