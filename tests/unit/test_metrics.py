"""Each metric that a process exports is documented, and each that is documented is exported."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from posko import metrics

ROOT = Path(__file__).parents[2]
TOLD = re.findall(
    r"^\| `(posko_\w+)` \| (\w+) \|\s*([^|]*?)\s*\|", (ROOT / "docs/metrics.md").read_text(), re.MULTILINE
)
KINDS = {"Counter": "counter", "counter": "counter", "Histogram": "histogram", "HistogramMetricFamily": "histogram",
         "gauge": "gauge"}  # fmt: skip


def exported() -> dict[str, str]:
    """Name and kind of each metric that the code makes, as Prometheus sees them."""
    found = {}
    for path in (path for room in ("posko", "streams", "sinks", "producers") for path in (ROOT / room).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            texts = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
            made = getattr(node.func, "attr", getattr(node.func, "id", ""))
            kind = KINDS.get(texts[0] if made == "_family" and texts else made)
            for name in (text for text in texts if kind and text.startswith("posko_")):
                found[f"{name}_total" if kind == "counter" else name] = kind
    return found


def test_what_is_exported_is_what_is_documented():
    assert exported() == {name: kind for name, kind, _ in TOLD}
    assert len(TOLD) == len({name for name, *_ in TOLD})


def test_labels_are_documented():
    told = {name.removesuffix("_total"): re.findall(r"`(\w+)`", labels) for name, _, labels in TOLD}
    for registry in metrics.OF_ROLE.values():
        for collector in registry._collector_to_names:
            for name in registry._collector_to_names[collector]:
                if name in told and hasattr(collector, "_labelnames"):
                    assert list(collector._labelnames) == told[name], name


@pytest.mark.parametrize("role", metrics.OF_ROLE)
def test_each_role_exports_its_memory_and_nothing_of_other_roles(role):
    names = {family.name for family in metrics.OF_ROLE[role].collect()}
    assert "process_resident_memory_bytes" in names
    others = {other for other in ("stream", "sink", "engine") if other != role}
    assert not [name for name in names if name.startswith(tuple(f"posko_{other}_" for other in others))]
