"""Panels as Grafana's JSON, through Grafana's own SDK. Only what Grafana 9.3 and 11 both have is used.

Where the two differ (the colour of a table's cells), both spellings are written: each ignores the other's.
"""

from __future__ import annotations

from typing import Any

from grafana_foundation_sdk.builders import bargauge, geomap, stat, table, timeseries
from grafana_foundation_sdk.builders import common as commons
from grafana_foundation_sdk.builders import dashboard as dashboards
from grafana_foundation_sdk.cog import builder, variants
from grafana_foundation_sdk.models.common import (
    BarGaugeDisplayMode,
    BigValueColorMode,
    BigValueGraphMode,
    BigValueTextMode,
    FrameGeometrySourceMode,
    GraphDrawStyle,
    StackingMode,
    VizOrientation,
)
from grafana_foundation_sdk.models.dashboard import (
    DashboardLinkType,
    DataSourceRef,
    DynamicConfigValue,
    Threshold,
    ThresholdsConfig,
    ThresholdsMode,
)

from dashboards.grafana import boundaries
from dashboards.grafana.cached import cached
from dashboards.grafana.links import BOARD, TO
from dashboards.grafana.model import COUNT, SEVERITY, Column, Kind, Panel, Steps

DATASOURCE = DataSourceRef(type_val="grafana-clickhouse-datasource", uid="posko-clickhouse")
PLUGIN_VERSION = "4.4.0"  # of the ClickHouse data source, as pinned in docker-compose.yml
FORMAT_TABLE = 1  # the plugin's own number; a time column makes a graph of it all the same
LEAST_STEP = "1m"  # between two points of a graph: what the rollups hold
TRANSPARENT = (  # one pixel: a map without tiles from the internet
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)


class Query(variants.Dataquery):
    """One query of a panel, as the ClickHouse plugin writes it into a dashboard."""

    def __init__(self, sql: str, ref_id: str = "A") -> None:
        self.sql, self.ref_id = sql, ref_id

    def to_json(self) -> dict[str, Any]:
        """The JSON object Grafana stores for the query."""
        return {
            "datasource": DATASOURCE,
            "editorType": "sql",
            "format": FORMAT_TABLE,
            "pluginVersion": PLUGIN_VERSION,
            "queryType": "table",
            "rawSql": self.sql,
            "refId": self.ref_id,
        }


class Ask(builder.Builder[variants.Dataquery]):
    """A query in the form in which the SDK's panels take it."""

    def __init__(self, sql: str) -> None:
        self._sql = sql

    def build(self) -> Query:
        """The query object that the dashboard's JSON holds."""
        return Query(self._sql)


class Steps_(builder.Builder[ThresholdsConfig]):
    """Colours in the form in which the SDK's panels take them."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps

    def build(self) -> ThresholdsConfig:
        """The thresholds of a field."""
        return ThresholdsConfig(ThresholdsMode.ABSOLUTE, [Threshold(value, colour) for value, colour in self._steps])


def panel(what: Panel, area: str) -> Any:
    """The SDK's panel for ours. `area`: code of the election's area, for the map's boundaries."""
    made = {Kind.STAT: _stat, Kind.TABLE: _table, Kind.SERIES: _series, Kind.BARS: _bars}.get(what.kind)
    shown: Any = made(what) if made else _map(what, area)
    return (
        shown.title(what.question)
        .description(what.about)
        .datasource(DATASOURCE)
        .with_target(Ask(cached(what.sql)))
        .links(
            [
                dashboards.DashboardLink("Buka papan triase")
                .type(DashboardLinkType.LINK)
                .url(f"{BOARD}/")
                .target_blank(True)
            ]
        )
        .no_value(what.none)
        .height(what.height)
        .span(what.width)
    )


def _stat(what: Panel) -> stat.Panel:
    (column,) = what.columns
    return (
        stat.Panel()
        .reduce_options(commons.ReduceDataOptions().calcs(["lastNotNull"]).fields(f"/^{column.name}$/"))
        .unit(column.unit)
        .thresholds(Steps_(column.steps))
        .color_mode(BigValueColorMode.BACKGROUND)
        .graph_mode(BigValueGraphMode.NONE)
        .text_mode(BigValueTextMode.VALUE)
    )


def _table(what: Panel) -> table.Panel:
    shown = table.Panel().thresholds(Steps_(((None, "transparent"),))).unit(COUNT)
    for column in what.columns:
        shown = shown.override_by_name(column.name, _properties(column))
    return shown


def _series(what: Panel) -> timeseries.Panel:
    shown = (
        timeseries.Panel()
        .draw_style(GraphDrawStyle.LINE)
        .fill_opacity(60 if what.stacked else 12)
        .min(0)
        .interval(LEAST_STEP)
        .unit(what.columns[0].unit)
        .thresholds(Steps_(what.columns[0].steps))
    )
    if what.stacked:
        shown = shown.stacking(commons.StackingConfig().mode(StackingMode.NORMAL).group("A"))
    for column in what.columns:
        shown = shown.override_by_name(
            column.name,
            [
                DynamicConfigValue("displayName", column.label),
                DynamicConfigValue("unit", column.unit),
                DynamicConfigValue("color", {"mode": "fixed", "fixedColor": column.colour}),
            ],
        )
    return shown


def _bars(what: Panel) -> bargauge.Panel:
    name, number = what.columns
    shown = (
        bargauge.Panel()
        .reduce_options(commons.ReduceDataOptions().values(True).calcs([]).fields(f"/^{number.name}$/"))
        .orientation(VizOrientation.HORIZONTAL)
        .display_mode(BarGaugeDisplayMode.BASIC)
        .unit(number.unit)
        .min(0)
        .thresholds(Steps_(number.steps))
    )
    if name.words:
        shown = shown.override_by_name(name.name, [_mappings(name)])
    return shown


def _map(what: Panel, area: str) -> geomap.Panel:
    markers = (
        commons.MapLayerOptions()
        .type("markers")
        .name("Insiden terbuka")
        .location(commons.FrameGeometrySource().mode(FrameGeometrySourceMode.COORDS).latitude("lat").longitude("lng"))
        .config(
            {
                "showLegend": False,
                "style": {
                    "color": {"field": "worst", "fixed": "dark-green"},
                    "opacity": 0.7,
                    "size": {"field": "open", "min": 4, "max": 22, "fixed": 5},
                    "symbol": {"fixed": "img/icons/marker/circle.svg", "mode": "fixed"},
                },
            }
        )
        .tooltip(True)
    )
    borders = (
        commons.MapLayerOptions()
        .type("geojson")
        .name("Batas kabupaten/kota")
        .config(
            {
                "src": boundaries.as_url(area),
                "rules": [],
                "style": {"color": {"fixed": "#6B7280"}, "opacity": 0.08, "lineWidth": 1, "size": {"fixed": 3}},
            }
        )
        .tooltip(False)
    )
    blank = commons.MapLayerOptions().type("xyz").name("Dasar").config({"url": TRANSPARENT, "attribution": ""})
    view = boundaries.view(area)
    shown = (
        geomap.Panel()
        .basemap(blank)
        .layers([borders, markers])
        .view(geomap.MapViewConfig().id("coords").lat(view.lat).lon(view.lng).zoom(view.zoom))  # type: ignore[arg-type]
        .controls(geomap.ControlsOptions().show_zoom(True).mouse_wheel_zoom(False).show_attribution(False))
        .thresholds(Steps_(SEVERITY))
        .unit(COUNT)
    )
    for column in what.columns:
        if not column.hidden:
            shown = shown.override_by_name(column.name, _properties(column))
    return shown


def _properties(column: Column) -> list[DynamicConfigValue]:
    """How a column of a table looks and where it leads."""
    found = [DynamicConfigValue("displayName", column.label)]
    if column.unit:
        found.append(DynamicConfigValue("unit", column.unit))
    if column.words:
        found.append(_mappings(column))
    if len(column.steps) > 1:
        steps = [{"value": value, "color": colour} for value, colour in column.steps]
        found += [
            DynamicConfigValue("thresholds", {"mode": "absolute", "steps": steps}),
            DynamicConfigValue("custom.displayMode", "color-background-solid"),  # 9.3
            DynamicConfigValue("custom.cellOptions", {"type": "color-background", "mode": "basic"}),  # from 9.5 on
        ]
    if column.link:
        title, url = TO[column.link]
        found.append(DynamicConfigValue("links", [{"title": title, "url": url, "targetBlank": False}]))
    if column.width:
        found.append(DynamicConfigValue("custom.width", column.width))
    if column.hidden:
        found.append(DynamicConfigValue("custom.hidden", True))
    return found


def _mappings(column: Column) -> DynamicConfigValue:
    words = {code: {"text": text, "index": place} for place, (code, text) in enumerate(column.words.items())}
    return DynamicConfigValue("mappings", [{"type": "value", "options": words}])
