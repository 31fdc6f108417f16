"""The dashboard *Situasi*: what is happening now, where, and what to do first.

One function a panel, named after the question it answers.
"""

from __future__ import annotations

from typing import Any

from grafana_foundation_sdk.builders import bargauge, geomap, stat, table, timeseries
from grafana_foundation_sdk.builders import common as commons
from grafana_foundation_sdk.builders import dashboard as dashboards
from grafana_foundation_sdk.models.common import (
    FrameGeometrySourceMode,
    StackingMode,
    VizOrientation,
)
from grafana_foundation_sdk.models.dashboard import DataTransformerConfig, DynamicConfigValue, MatcherConfig

from dashboards.grafana.common import (
    AMBER,
    CATEGORY_COLOURS,
    CATEGORY_NAMES,
    DATASOURCE,
    GREEN,
    RED,
    TABLE,
    TIME_SERIES,
    Ask,
    page,
    steps,
)

REGENCY = "${kabupaten:sqlstring}"


def dashboard() -> dashboards.Dashboard:
    """The whole page: figures, map and table by kabupaten/kota, what is late, what is new, the stream itself."""
    return (
        page("Situasi", "posko-situasi", "Apa yang terjadi sekarang, di mana, dan apa yang harus didahulukan.")
        .with_variable(regency_filter())
        .with_panel(how_much_in_total("open", "Insiden terbuka", steps((None, GREEN), (1, AMBER))))
        .with_panel(how_much_in_total("incidents", "Insiden seluruhnya", steps((None, GREEN))))
        .with_panel(how_much_in_total("reports", "Laporan", steps((None, GREEN))))
        .with_panel(how_much_in_total("resends", "Kiriman ulang", steps((None, GREEN))))
        .with_panel(how_much_in_total("rejected", "Pesan ditolak", steps((None, GREEN), (1, AMBER))))
        .with_panel(how_fresh_is_the_picture())
        .with_panel(where_are_open_incidents())
        .with_panel(how_is_each_regency())
        .with_panel(what_is_overdue())
        .with_panel(what_is_new())
        .with_panel(how_many_reports_a_minute())
        .with_panel(how_many_incidents_by_category())
        .with_panel(what_is_corroborated())
    )


def regency_filter() -> dashboards.QueryVariable:
    """The choice of one kabupaten/kota; "Semua" is the empty text, which the saved questions take as all."""
    return (
        dashboards.QueryVariable("kabupaten")
        .label("Kabupaten/kota")
        .datasource(DATASOURCE)
        .query(
            "SELECT name AS __text, code AS __value FROM ("
            "SELECT 'Semua' AS name, '' AS code, 0 AS rank UNION ALL "
            "SELECT name, code, 1 FROM posko.regions WHERE level = 'regency') ORDER BY rank, name"
        )
    )


def how_much_in_total(column: str, title: str, colours: dashboards.ThresholdsConfig) -> stat.Panel:
    """One big figure out of the totals."""
    return (
        stat.Panel()
        .title(title)
        .datasource(DATASOURCE)
        .with_target(Ask("totals"))
        .reduce_options(_last(f"/^{column}$/"))
        .thresholds(colours)
        .height(4)
        .span(4)
    )


def how_fresh_is_the_picture() -> stat.Panel:
    """How long reports take from Kafka into ClickHouse, nearly all of them (p99)."""
    return (
        stat.Panel()
        .title("Keterlambatan data (p99)")
        .description("Dari laporan diterima sampai bisa ditanyakan; di bawah satu detik itu baik.")
        .datasource(DATASOURCE)
        .with_target(Ask("latency"))
        .reduce_options(_last("/^p99_ms$/"))
        .unit("ms")
        .decimals(0)
        .thresholds(steps((None, GREEN), (1000, AMBER), (5000, RED)))
        .height(4)
        .span(4)
    )


def where_are_open_incidents() -> geomap.Panel:
    """Open incidents on the map, coloured by severity, larger with more people reporting."""
    layer = (
        commons.MapLayerOptions()
        .type("markers")
        .name("Insiden")
        .location(commons.FrameGeometrySource().mode(FrameGeometrySourceMode.COORDS).latitude("lat").longitude("lng"))
        .config(
            {
                "showLegend": True,
                "style": {
                    "color": {"field": "severity"},
                    "opacity": 0.6,
                    "size": {"field": "reporters", "min": 4, "max": 16, "fixed": 5},
                    "symbol": {"fixed": "img/icons/marker/circle.svg", "mode": "fixed"},
                },
            }
        )
        .tooltip(True)
    )
    return (
        geomap.Panel()
        .title("Peta insiden terbuka")
        .datasource(DATASOURCE)
        .with_target(Ask("incident_map"))
        .view(geomap.MapViewConfig().id("fit").all_layers(True))
        .layers([layer])
        .thresholds(steps((None, GREEN), (3, AMBER), (4, RED)))
        .height(14)
        .span(12)
    )


def how_is_each_regency() -> table.Panel:
    """The situation of each kabupaten/kota: open, critical, overdue, reports of the last quarter of an hour."""
    panel = _table("Situasi per kabupaten/kota", "situation_now", hidden=("regency",)).height(14).span(12)
    names = {
        "name": "Kabupaten/kota",
        "open": "Terbuka",
        "critical": "Kritis",
        "overdue": "Lewat tenggat",
        "recent_reports": "Laporan 15 menit",
    }
    panel = _rename(panel, names)
    for column, warn, alarm in (("critical", 1, 5), ("overdue", 1, 10)):
        panel = panel.override_by_name(
            names[column],
            [
                DynamicConfigValue(
                    "thresholds",
                    {"mode": "absolute", "steps": [_step(None, GREEN), _step(warn, AMBER), _step(alarm, RED)]},
                ),
                DynamicConfigValue("custom.cellOptions", {"type": "color-background", "mode": "basic"}),
            ],
        )
    return panel


def what_is_overdue() -> table.Panel:
    """Incidents past a deadline, the most severe first: what to do now."""
    panel = _table(
        "Lewat tenggat: dahulukan ini",
        "overdue",
        hidden=("incident_id", "regency", "escalation", "ack_due", "resolve_due", "place_name", "status", "category"),
    )
    return _rename(
        panel.height(10).span(12),
        {
            "missed": "Tenggat",
            "minutes_late": "Terlambat (menit)",
            "severity": "Tingkat",
            "title": "Insiden",
            "lead_agency": "Penanggung jawab",
            "assigned_to": "Ditugaskan",
        },
    )


def what_is_new() -> table.Panel:
    """The newest incidents of the chosen kabupaten/kota."""
    panel = _table(
        "Insiden terbaru",
        "newest_incidents",
        hidden=("incident_id", "regency", "lat", "lng", "ack_due", "place_name", "reports", "category"),
        regency=REGENCY,
    )
    return _rename(
        panel.height(10).span(12),
        {
            "opened_at": "Diterima",
            "title": "Insiden",
            "status": "Status",
            "severity": "Tingkat",
            "reporters": "Pelapor",
            "institutions": "Lembaga",
            "lead_agency": "Penanggung jawab",
        },
    )


def how_many_reports_a_minute() -> timeseries.Panel:
    """Reports a minute by category, stacked."""
    panel = (
        timeseries.Panel()
        .title("Laporan per menit")
        .datasource(DATASOURCE)
        .with_target(Ask("reports_per_minute", TIME_SERIES, regency=REGENCY))
        .with_transformation(DataTransformerConfig(id_val="prepareTimeSeries", options={"format": "multi"}))
        .stacking(commons.StackingConfig().mode(StackingMode.NORMAL))
        .fill_opacity(30)
        .min(0)
        .height(9)
        .span(12)
    )
    for category, colour in CATEGORY_COLOURS.items():
        panel = panel.with_override(
            MatcherConfig("byRegexp", f"/{category}/"),
            [
                DynamicConfigValue("color", {"mode": "fixed", "fixedColor": colour}),
                DynamicConfigValue("displayName", CATEGORY_NAMES[category]),
            ],
        )
    return panel


def how_many_incidents_by_category() -> bargauge.Panel:
    """Open incidents of each category."""
    return (
        bargauge.Panel()
        .title("Insiden terbuka per kategori")
        .datasource(DATASOURCE)
        .with_target(Ask("incidents_by_category"))
        .with_transformation(
            DataTransformerConfig(id_val="organize", options={"excludeByName": {"category": True, "incidents": True}})
        )
        .reduce_options(commons.ReduceDataOptions().values(True).calcs([]).fields("/^open$/"))
        .orientation(VizOrientation.HORIZONTAL)
        .thresholds(steps((None, AMBER)))
        .height(9)
        .span(5)
    )


def what_is_corroborated() -> table.Panel:
    """What several institutions saw independently: the safest knowledge there is."""
    panel = _table(
        "Paling dikuatkan",
        "most_corroborated",
        hidden=("incident_id", "reports", "place_name", "regency", "first_at", "last_at", "category", "status"),
    )
    return _rename(
        panel.height(9).span(7),
        {"institutions": "Lembaga", "reporters": "Pelapor", "severity": "Tingkat", "title": "Insiden"},
    )


def _table(title: str, question: str, hidden: tuple[str, ...], **given: str) -> table.Panel:
    return (
        table.Panel()
        .title(title)
        .datasource(DATASOURCE)
        .with_target(Ask(question, TABLE, **given))
        .with_transformation(
            DataTransformerConfig(id_val="organize", options={"excludeByName": dict.fromkeys(hidden, True)})
        )
    )


def _rename(panel: table.Panel, names: dict[str, str]) -> table.Panel:
    return panel.with_transformation(DataTransformerConfig(id_val="organize", options={"renameByName": names}))


def _last(field: str) -> Any:
    return commons.ReduceDataOptions().calcs(["lastNotNull"]).fields(field)


def _step(value: float | None, colour: str) -> dict[str, Any]:
    return {"value": value, "color": colour}
