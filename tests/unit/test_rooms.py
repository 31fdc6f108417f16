"""The rooms of the house and the doors between them: who may import whom (docs/architecture.md)."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAY_IMPORT = {
    "posko": {"posko"},
    "posko/local": {"posko"},
    "streams": {"streams", "posko"},
    "producers": {"producers", "posko"},
    "sinks": {"sinks", "posko"},
    "dashboards": {"dashboards", "posko", "sinks.queries"},
}
OURS = {"posko", "streams", "producers", "sinks", "dashboards"}
OUTSIDE_WORLD = {"aiokafka", "kafka", "faust", "aiohttp", "clickhouse_connect", "chdb", "requests", "grafana_client"}
# Where the domain touches the world on purpose: one module, one reason.
DOORS = {"posko/kafka_admin.py"}


def imported_modules(path: Path) -> set[str]:
    """Dotted names a file imports, wherever in the file; relative imports do not occur in this project."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def files_of(room: str) -> list[Path]:
    inner = [other for other in MAY_IMPORT if other != room and other.startswith(f"{room}/")]
    return [
        path
        for path in sorted((ROOT / room).rglob("*.py"))
        if not any(path.is_relative_to(ROOT / other) for other in inner)
    ]


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_a_room_imports_only_what_its_doors_allow(room: str) -> None:
    allowed = MAY_IMPORT[room]
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in files_of(room)
        for name in imported_modules(path)
        if name.split(".")[0] in OURS and not any(name == door or name.startswith(f"{door}.") for door in allowed)
    ]
    assert not wrong


def test_the_domain_knows_no_kafka_http_or_sql() -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in files_of("posko")
        if str(path.relative_to(ROOT)) not in DOORS
        for name in imported_modules(path)
        if name.split(".")[0] in OUTSIDE_WORLD
    ]
    assert not wrong


def test_every_room_has_files_to_check() -> None:
    assert all(files_of(room) for room in MAY_IMPORT)
