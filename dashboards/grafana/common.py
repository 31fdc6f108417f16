"""What every dashboard shares: the data source, how a saved question becomes a panel's query, and the looks."""

from __future__ import annotations

import re
from typing import Any

from grafana_foundation_sdk.builders import dashboard as dashboards
from grafana_foundation_sdk.cog import builder, variants
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    DataSourceRef,
    Threshold,
    ThresholdsMode,
)

from sinks import queries

DATASOURCE = DataSourceRef(type_val="grafana-clickhouse-datasource", uid="posko-clickhouse")
PLUGIN_VERSION = "4.4.0"  # of the ClickHouse data source, as pinned in docker-compose.yml

# One colour a category everywhere, told apart by people who see red and green alike (Okabe and Ito, 2008).
CATEGORY_COLOURS = {"logistics": "#E69F00", "security": "#D55E00", "hoax": "#CC79A7", "asn_neutrality": "#0072B2"}
CATEGORY_NAMES = {"logistics": "Logistik", "security": "Keamanan", "hoax": "Hoaks", "asn_neutrality": "Netralitas ASN"}
GREEN, AMBER, RED = "#009E73", "#E69F00", "#D55E00"

TABLE, TIME_SERIES = 1, 0  # the plugin's own numbers for what a query returns
_PARAMETER = re.compile(r"\{(\w+)\s*:\s*([^{}]+)\}")


class ClickHouseQuery(variants.Dataquery):
    """One query of a panel, as the ClickHouse plugin writes it into a dashboard."""

    def __init__(self, sql: str, result: int = TABLE, ref_id: str = "A") -> None:
        self.sql, self.result, self.ref_id = sql, result, ref_id

    def to_json(self) -> dict[str, Any]:
        """The JSON object Grafana stores for the query."""
        return {
            "datasource": DATASOURCE,
            "editorType": "sql",
            "format": self.result,
            "pluginVersion": PLUGIN_VERSION,
            "queryType": "timeseries" if self.result == TIME_SERIES else "table",
            "rawSql": self.sql,
            "refId": self.ref_id,
        }


class Ask(builder.Builder[variants.Dataquery]):
    """A saved question (`sinks/queries/NAME.sql`) as a panel's query.

    `given` binds the question's parameters: a text is put in as it is (a Grafana expression such as `${menit}`, or
    SQL), a parameter that is not given gets its default as a literal. Raises KeyError for a parameter the question
    does not have.
    """

    def __init__(self, name: str, result: int = TABLE, **given: str) -> None:
        self._query = ClickHouseQuery(bound(name, **given), result)

    def build(self) -> ClickHouseQuery:
        """The query object that the dashboard's JSON holds."""
        return self._query


def bound(name: str, **given: str) -> str:
    """The SQL of a saved question with every parameter replaced, since Grafana cannot send ClickHouse parameters."""
    question = queries.load(name)
    if unknown := given.keys() - question.params.keys():
        raise KeyError(f"sinks/queries/{name}.sql has no parameter {', '.join(sorted(unknown))}")

    def literal(match: re.Match[str]) -> str:
        parameter, kind = match.groups()
        if parameter in given:
            return given[parameter]
        default = str(question.params[parameter])
        if kind.strip().startswith(("String", "DateTime", "Date", "LowCardinality")):
            return "'" + default.replace("\\", "\\\\").replace("'", "\\'") + "'"
        return default

    return _PARAMETER.sub(literal, question.sql).strip().rstrip(";")


def page(title: str, uid: str, description: str) -> dashboards.Dashboard:
    """A dashboard with the house's defaults: read-only, fresh every five seconds, the browser's own time zone."""
    return (
        dashboards.Dashboard(title)
        .uid(uid)
        .description(description)
        .tags(["posko"])
        .readonly()
        .refresh("5s")
        .time("now-3h", "now")
        .timezone("browser")
        .tooltip(DashboardCursorSync.CROSSHAIR)
    )


def steps(*levels: tuple[float | None, str]) -> dashboards.ThresholdsConfig:
    """Colours from a value on: `steps((None, GREEN), (10, AMBER))`."""
    return (
        dashboards.ThresholdsConfig()
        .mode(ThresholdsMode.ABSOLUTE)
        .steps([Threshold(value=value, color=colour) for value, colour in levels])
    )
