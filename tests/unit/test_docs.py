"""What the docs say exists: linked files, commands and their options, settings."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from posko.settings import Settings
from tests.unit.docker.test_compose import application

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), ROOT / "sinks/schema/README.md"])
LINK = re.compile(r"\]\(([^)#\s]+)\)")
COMMAND = re.compile(r"^(?:\$ )?posko ((?:[a-z]+)(?: [a-z]+)?)([^\n#|]*)", re.MULTILINE)
VARIABLE = re.compile(r"\bPOSKO_([A-Z_]+)\b")
# Read by other parts than posko.settings, each documented where it is used.
ELSEWHERE = re.compile(r"TEST_AWAY_S|READY_FILE|REGISTRY|CRASH_ORDERS|DASHBOARD_PASSWORD|ENGINE_.*")
APP: typer.Typer = application()


def names(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=names)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    links = [link for link in LINK.findall(page.read_text()) if "://" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=names)
def test_commands_in_code_blocks_exist_and_take_the_options_shown(page: Path) -> None:
    blocks = re.findall(r"```(?:sh|bash)?\n(.*?)```", page.read_text(), re.DOTALL)
    for words, rest in (match for block in blocks for match in COMMAND.findall(block)):
        first, *second = words.split()
        shown = CliRunner().invoke(APP, [first, "--help"])
        assert shown.exit_code == 0, f"posko {first}"
        if second and f" {second[0]} " in shown.output and "COMMAND" in shown.output:
            shown = CliRunner().invoke(APP, [first, *second, "--help"])
            third = rest.split()[:1]
            if third and f" {third[0]} " in shown.output and "COMMAND" in shown.output:
                shown = CliRunner().invoke(APP, [first, *second, *third, "--help"])
        ours = rest.split("|")[0]
        for option in re.findall(r"(?<=\s)--[a-z-]+", ours):
            assert option in shown.output, f"posko {words} {option}"


@pytest.mark.parametrize("page", PAGES, ids=names)
def test_variables_are_settings_the_code_knows(page: Path) -> None:
    known = {field.upper() for field in Settings.model_fields}
    named = set(VARIABLE.findall(page.read_text()))
    assert {name for name in named - known if not ELSEWHERE.fullmatch(name)} == set()


def test_every_setting_is_documented_for_operators() -> None:
    told = (ROOT / "docs/operating.md").read_text() + (ROOT / "README.md").read_text()
    missing = [field for field in Settings.model_fields if f"POSKO_{field.upper()}" not in told]
    assert missing == []
