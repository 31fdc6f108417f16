"""`posko up` pushes the dashboards to a Grafana that is configured, and is never held up or broken by it."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from dashboards.grafana.pages import PAGES
from posko.local import grafana as pushing
from posko.settings import Settings
from tests.unit.dashboards.grafana_api import running


def said(known: Settings, run: list[str] | None = None, limit: float = pushing.PUSH_S) -> str:
    lines: list[str] = []
    asyncio.run(pushing.push(known, lines.append, run, limit))
    (line,) = lines
    return line


def settings(data: Path, address: str, token: str = "a-token") -> Settings:
    return Settings(data=data, grafana=address, grafana_token=SecretStr(token))


def test_every_dashboard_is_in_grafana_afterwards(tmp_path: Path) -> None:
    with running("a-token") as grafana:
        line = said(settings(tmp_path, grafana.address))
        assert f"has the {len(PAGES)} dashboards" in line
        assert set(grafana.stored["dashboards"]) == {page.uid for page in PAGES.values()}
        assert not grafana.stored["contacts"]


def test_a_grafana_that_is_away_or_refuses_is_one_line_with_what_to_do(tmp_path: Path) -> None:
    away = said(settings(tmp_path, "http://127.0.0.1:9"))
    assert "not pushed" in away
    assert "http://127.0.0.1:9" in away
    assert "posko dashboards push" in away


@pytest.mark.parametrize("code", ["import time; time.sleep(600)"], ids=["hangs"])
def test_a_push_that_hangs_is_ended(tmp_path: Path, code: str) -> None:
    line = said(settings(tmp_path, "http://127.0.0.1:9"), [sys.executable, "-c", code], limit=0.2)
    assert "took longer" in line


def test_a_push_that_is_called_off_leaves_no_process(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    code = f"import os, time; open({str(note)!r}, 'w').write(str(os.getpid())); time.sleep(600)"

    async def called_off() -> None:
        known = settings(tmp_path, "http://127.0.0.1:9")
        task = asyncio.create_task(pushing.push(known, print, [sys.executable, "-c", code]))
        while not note.exists() or not note.read_text():
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(called_off())
    assert not Path(f"/proc/{note.read_text()}").exists()
