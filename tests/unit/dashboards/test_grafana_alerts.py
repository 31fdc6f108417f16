"""Alert rules as Grafana takes them, and in its provisioning files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from dashboards.grafana import alerts, files
from dashboards.grafana.pages import PAGES
from dashboards.grafana.variables import Place
from posko import context
from sinks.queries import panels as questions

PLACE = Place(context.load("sumsel-2024").election, "http://127.0.0.1:29004")
rules = pytest.mark.parametrize("rule", alerts.RULES, ids=lambda rule: rule.name)


def test_each_question_for_alerts_is_a_rule() -> None:
    assert {rule.name for rule in alerts.RULES} == set(questions.names(questions.ALERTS))


@rules
def test_grafana_finds_no_variable_and_no_macro_in_a_rule(rule: alerts.Rule) -> None:
    assert "$" not in rule.sql(PLACE)


@rules
def test_a_rule_compares_its_number_and_says_what_who_and_where(rule: alerts.Rule) -> None:
    made = alerts.rule(rule, PLACE, "posko")
    asked, compared = made["data"]
    assert made["condition"] == compared["refId"]
    assert compared["model"]["expression"] == f"$A > {rule.above:g}"
    assert asked["datasourceUid"] == "posko-clickhouse"
    assert made["labels"]["posko"] == "ya"
    assert made["noDataState"] == "OK"
    assert rule.page in PAGES
    assert len(made["uid"]) <= 40  # Grafana's limit


@rules
def test_provisioning_files_hold_the_same_rules_with_dollars_doubled(rule: alerts.Rule, tmp_path: Path) -> None:
    files.write(tmp_path, PLACE, "/dashboards")
    written = yaml.safe_load((tmp_path / "provisioning/alerting/posko.yaml").read_text())
    found: dict[str, Any] = next(one for one in written["groups"][0]["rules"] if one["uid"] == rule.uid)
    assert found["data"][1]["model"]["expression"] == f"$$A > {rule.above:g}"
    assert found["data"][0]["model"]["rawSql"] == rule.sql(PLACE)
