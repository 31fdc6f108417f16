"""Writes the dashboards as the JSON that Grafana provisions."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from grafana_foundation_sdk.builders.dashboard import Dashboard
from grafana_foundation_sdk.cog.encoder import JSONEncoder

from dashboards.grafana import situasi

ALL: dict[str, Callable[[], Dashboard]] = {"situasi": situasi.dashboard}


def model(name: str) -> dict[str, Any]:
    """The dashboard `name` as plain JSON values. KeyError when there is none of that name."""
    built: dict[str, Any] = json.loads(json.dumps(ALL[name]().build(), cls=JSONEncoder))
    return built


def write(out: Path) -> list[Path]:
    """Write every dashboard to `out`/NAME.json (the folder is made when missing) and return the paths."""
    out.mkdir(parents=True, exist_ok=True)
    paths = []
    for name in ALL:
        path = out / f"{name}.json"
        path.write_text(json.dumps(model(name), ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        paths.append(path)
    return paths
