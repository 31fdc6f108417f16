"""Alert rules: what must be told even when nobody looks. Each is a question of sinks/queries/alerts.

A rule's answer has a row for whatever can be alarming (a kabupaten, a claim), always, with one number `value` and
otherwise only texts, which become the alert's labels. So a rule fires and resolves by the number; rows do not come and
go. Grafana knows no variables here: what the election fixes is put in when the rules are made.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dashboards.grafana import variables
from dashboards.grafana.look import DATASOURCE, FORMAT_TABLE, PLUGIN_VERSION
from dashboards.grafana.variables import Place
from sinks.queries import panels as questions

GROUP, EVERY_S = "Posko", 60
LABEL = "posko"  # every alert of ours carries posko=ya; the notification policy goes by it
CRITICAL, WARNING = "kritis", "peringatan"


@dataclass(frozen=True)
class Rule:
    """One alert. It fires when `value` has been above `above` for `for_` (Grafana's way to write a time)."""

    name: str
    title: str
    summary: str
    urgency: str
    page: str
    above: float = 0
    for_: str = "1m"

    @property
    def uid(self) -> str:
        """By which Grafana knows the rule."""
        return f"posko-{self.name.replace('_', '-')}"

    def sql(self, place: Place) -> str:
        """The question, ready for ClickHouse."""
        asked = questions.load(questions.ALERTS, self.name).sql
        return variables.without_phases(asked, {"fase": place.phases})


RULES = (
    Rule(
        "security_unheld",
        "Keamanan kritis tidak ditangani",
        "{{ $labels.kabupaten }}: {{ $values.A }} insiden keamanan kritis melewati tenggat tanpa ada yang menangani.",
        CRITICAL,
        "keamanan",
        for_="0s",
    ),
    Rule(
        "logistics_after_phase",
        "Logistik belum beres setelah fasenya berakhir",
        "{{ $labels.kabupaten }}: {{ $values.A }} masalah logistik dari masa distribusi belum selesai.",
        CRITICAL,
        "logistik",
    ),
    Rule(
        "hoax_spreading",
        "Hoaks menyebar cepat",
        "Klaim {{ $labels.insiden }}: {{ $values.A }} laporan dalam 15 menit, lebih dari tiga kali biasanya.",
        WARNING,
        "hoaks",
    ),
    Rule(
        "silence",
        "Kabupaten/kota tiba-tiba diam",
        "{{ $labels.kabupaten }} biasanya melapor, kini 15 menit tanpa laporan. Periksa jaringan dan orangnya.",
        CRITICAL,
        "pipa",
        for_="5m",
    ),
    Rule(
        "pipeline_lag",
        "Data terlambat",
        "Laporan baru terlihat setelah {{ $values.A }} detik. Periksa posko status.",
        CRITICAL,
        "pipa",
        above=10,
    ),
    Rule(
        "rejected_rising",
        "Pesan ditolak naik tajam",
        "Alasan {{ $labels.alasan }}: {{ $values.A }} pesan ditolak dalam 10 menit, lebih dari tiga kali biasanya.",
        WARNING,
        "pipa",
    ),
)


def rule(one: Rule, place: Place, folder: str) -> dict[str, Any]:
    """The rule as Grafana's provisioning API takes it, 9.3 and later. `folder`: the uid of its folder."""
    source = {"type": DATASOURCE.type_val, "uid": DATASOURCE.uid}
    return {
        "uid": one.uid,
        "orgID": 1,
        "folderUID": folder,
        "ruleGroup": GROUP,
        "title": one.title,
        "condition": "B",
        "data": [
            {
                "refId": "A",
                "queryType": "",
                "relativeTimeRange": {"from": 600, "to": 0},
                "datasourceUid": DATASOURCE.uid,
                "model": {
                    "datasource": source,
                    "editorType": "sql",
                    "format": FORMAT_TABLE,
                    "intervalMs": 1000,
                    "maxDataPoints": 43200,
                    "pluginVersion": PLUGIN_VERSION,
                    "queryType": "table",
                    "rawSql": one.sql(place),
                    "refId": "A",
                },
            },
            {
                "refId": "B",
                "queryType": "",
                "relativeTimeRange": {"from": 600, "to": 0},
                "datasourceUid": "__expr__",
                "model": {
                    "datasource": {"type": "__expr__", "uid": "__expr__"},
                    "expression": f"$A > {one.above:g}",
                    "intervalMs": 1000,
                    "maxDataPoints": 43200,
                    "refId": "B",
                    "type": "math",
                },
            },
        ],
        "noDataState": "OK",
        "execErrState": "Error",
        "for": one.for_,
        "annotations": {
            "summary": one.summary,
            "description": questions.load(questions.ALERTS, one.name).id,
            "papan": f"{place.board.rstrip('/')}/",
            "dasbor": f"/d/posko-{one.page}",
        },
        "labels": {LABEL: "ya", "urgensi": one.urgency},
    }


def rules(place: Place, folder: str) -> Iterator[dict[str, Any]]:
    """All rules."""
    for one in RULES:
        yield rule(one, place, folder)
