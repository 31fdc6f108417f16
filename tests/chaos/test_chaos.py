"""A short chaos run: three services are killed under load, and whoever is between two steps of its work."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.chaos.plan import KILL, make
from tests.integration.conftest import free_ports, posko

REPORTS, KILLS, WORKERS, SEED = 3000, 4, 2, 7


@pytest.fixture
def options(tmp_path: Path) -> list[str]:
    numbers = {"--reports": REPORTS, "--kills": KILLS, "--pauses": 0, "--workers": WORKERS, "--seed": SEED}
    numbers |= {"--rate": 300, "--partitions": 2, "--port-base": free_ports()}
    return ["--keep", "--data", str(tmp_path / "chaos"), *(str(one) for pair in numbers.items() for one in pair)]


def test_nothing_is_lost_or_doubled_when_services_are_killed_under_load(options: list[str], tmp_path: Path) -> None:
    blows = make(SEED, REPORTS, KILLS, 0, WORKERS)
    assert sum(bool(blow.point) for blow in blows) == 1
    assert len({blow.targets for blow in blows if not blow.point}) == 3
    done = posko("chaos", *options, env={"COLUMNS": "200"})
    events = [json.loads(line) for line in (tmp_path / "chaos" / "chaos.jsonl").read_text().splitlines()]
    killed = [event for event in events if event["event"] == "killed"]
    assert {event["number"] for event in killed} == {blow.number for blow in blows if blow.action == KILL}
    assert {event["number"] for event in events if event["event"] == "back"} == {blow.number for blow in blows}
    assert f"{REPORTS:,} messages, {KILLS} kills, 0 pauses" in done.stdout
    assert "lost 0, doubled 0, wrong 0" in done.stdout
