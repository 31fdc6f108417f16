"""Reports as files, and matched messages as baselines and traps see them."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import orjson
import pytest

START = 1_732_665_600_000  # 27 November 2024, 07:00 in Palembang


def uuid(number: int) -> str:
    return str(UUID(int=number))


@pytest.fixture
def message():
    """`message(1, "text", minute=5, district="16.02.05")`: what of a matched message is looked at."""

    def make(number, text, minute=0, category="logistics", district="16.02.05", **more):
        at = START + minute * 60_000
        return {
            "report_id": uuid(number), "text": text, "category": category, "district": district, "scope": district[:5],
            "reported_at": at, "occurred_at": None, **more,
        }  # fmt: skip

    return make


@pytest.fixture
def report():
    """`report(1, "text", "16.02.05.1003/2", "07:05")`: a report of version 1."""

    def make(number, text, tps="", clock="07:00", category="logistics", **more):
        place = {"tps": tps} if tps else {}
        return {
            "report_id": uuid(number), "category": category, "text": text,
            "reported_at": f"2024-11-27T{clock}:00+07:00",
            "reporter": {"id": f"person-{number}", "role": "kpps", "institution": "kpu"}, **place, **more,
        }  # fmt: skip

    return make


@pytest.fixture
def files(tmp_path: Path):
    """`files({"reports.jsonl": [dict, ...], "truth.csv": "text"})`: writes them, returns the folder."""

    def write(contents: dict[str, object]) -> Path:
        for name, content in contents.items():
            if not isinstance(content, str):
                content = "".join(orjson.dumps(line).decode() + "\n" for line in content)  # type: ignore[attr-defined]
            (tmp_path / name).write_text(content)
        return tmp_path

    return write
