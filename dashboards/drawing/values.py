"""Values in words for people: units, codes, colours, as Grafana would show them."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import Any

from dashboards.grafana.model import MILLISECONDS, MINUTES, PERCENT, SECONDS, Column, Steps

NOTHING = "–"


def text(value: Any, column: Column, zone: tzinfo) -> str:
    """One value. Times without a zone are UTC, as ClickHouse sends them; they are shown in `zone`."""
    if value is None or value == "":
        return NOTHING
    if (word := column.words.get(str(value))) is not None:
        return word
    if isinstance(value, datetime):
        moment = (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(zone)
        return f"{moment:%d/%m %H:%M}"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if column.unit == MINUTES:
        return duration(60 * value)
    if column.unit == SECONDS:
        return duration(value)
    if column.unit == MILLISECONDS:
        return f"{number(value)} ms" if abs(value) < 1000 else f"{number(round(value / 1000, 1))} s"
    if column.unit == PERCENT:
        return f"{number(value)} %"
    return number(value)


def number(value: float) -> str:
    """With the Indonesian signs: 1.234,5."""
    shown = f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"
    return shown.translate(str.maketrans(",.", ".,"))


def duration(seconds: float) -> str:
    """The two largest parts, from days down to seconds; less than none is a time that has passed."""
    sign, left = ("lewat " if seconds < 0 else ""), abs(int(seconds))
    parts = []
    for size, name in ((86400, "hari"), (3600, "jam"), (60, "mnt"), (1, "dtk")):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {name}")
    return sign + " ".join(parts[:2]) if parts else "0"


def colour(value: Any, steps: Steps) -> str:
    """The colour of the highest step that the value reaches, "" without steps or for what is no number."""
    if not steps or isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    reached = [shade for least, shade in steps if least is None or value >= least]
    return reached[-1] if reached else ""
