"""Files for a Grafana that provisions itself, as docker-compose.yml's does: dashboards, data source, alert rules.

Written again they are the same bytes. In these files `$` begins a variable of the environment, so others are `$$`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from dashboards.grafana import alerts, build, push
from dashboards.grafana.variables import Place
from posko.settings import Settings

PROVISIONING = "provisioning"
COMPOSE_CLICKHOUSE = "http://clickhouse:8123"
PASSWORD = "$DASHBOARD_PASSWORD"  # noqa: S105  Grafana takes it from its environment


def write(out: Path, place: Place, seen_as: str, clickhouse: str = COMPOSE_CLICKHOUSE) -> list[Path]:
    """Write `out`/NAME.json and `out`/provisioning/ and return the paths. `seen_as`: that folder in Grafana's eyes."""
    contents = {Path(f"{name}.json"): build.text(model) for name, model in build.models(place).items()}
    for kind, content in _provisioning(place, seen_as, clickhouse).items():
        text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=120)
        contents[Path(PROVISIONING, kind, "posko.yaml")] = text
    for empty in ("notifiers", "plugins"):  # Grafana complains about folders that are not there
        (out / PROVISIONING / empty).mkdir(parents=True, exist_ok=True)
    for path, text in contents.items():
        (out / path).parent.mkdir(parents=True, exist_ok=True)
        (out / path).write_text(text, encoding="utf-8")
    return [out / path for path in contents]


def _provisioning(place: Place, seen_as: str, clickhouse: str) -> dict[str, Any]:
    known = push.datasource(Settings(clickhouse=clickhouse))
    source = {**known, "editable": False, "secureJsonData": {"password": PASSWORD}}
    provider = {
        "name": "posko",
        "folder": push.FOLDER["title"],
        "folderUid": push.FOLDER["uid"],
        "type": "file",
        "disableDeletion": True,
        "allowUiUpdates": False,
        "updateIntervalSeconds": 30,
        "options": {"path": seen_as},
    }
    group = {
        "orgId": 1,
        "name": alerts.GROUP,
        "folder": push.FOLDER["title"],
        "interval": f"{alerts.EVERY_S}s",
        "rules": [_rule(one) for one in alerts.rules(place, push.FOLDER["uid"])],
    }
    return {
        "datasources": {"apiVersion": 1, "datasources": [source]},
        "dashboards": {"apiVersion": 1, "providers": [provider]},
        "alerting": {"apiVersion": 1, "groups": [group]},
    }


def _rule(made: dict[str, Any]) -> dict[str, Any]:
    of_group = {"orgID", "folderUID", "ruleGroup"}
    escaped: dict[str, Any] = _escaped({name: value for name, value in made.items() if name not in of_group})
    return escaped


def _escaped(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("$", "$$")
    if isinstance(value, dict):
        return {name: _escaped(one) for name, one in value.items()}
    return [_escaped(one) for one in value] if isinstance(value, list) else value
