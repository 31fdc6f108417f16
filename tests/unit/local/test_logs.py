"""A service's log keeps whole lines and does not grow without end."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from posko.local import logs


async def _follow(path: Path, *chunks: bytes) -> None:
    stream = asyncio.StreamReader()
    for chunk in chunks:
        stream.feed_data(chunk)
    stream.feed_eof()
    await logs.follow(stream, path)


def test_lines_stay_whole_and_the_last_one_is_kept(tmp_path: Path) -> None:
    asyncio.run(_follow(tmp_path / "log", b"one\ntw", b"o\nthree \xff"))
    assert (tmp_path / "log").read_text() == "one\ntwo\nthree \ufffd\n"


def test_old_files_go_when_the_log_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "FILE_SIZE", 1000)
    asyncio.run(_follow(tmp_path / "log", *[b"x" * 99 + b"\n"] * 100))
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == ["log", "log.1", "log.2", "log.3"]
    assert max(path.stat().st_size for path in tmp_path.iterdir()) <= 1000


def test_a_line_without_end_does_not_fill_the_memory(tmp_path: Path) -> None:
    asyncio.run(_follow(tmp_path / "log", *[b"y" * logs.LINE] * 5))
    assert max(map(len, (tmp_path / "log").read_text().splitlines())) <= 2 * logs.LINE
