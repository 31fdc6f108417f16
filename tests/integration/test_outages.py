"""Kafka or ClickHouse away: everyone waits with bounded memory and few words, and then everything arrives.

POSKO_TEST_AWAY_S=600 makes the outages as long as an evening's; the figures are printed (pytest -s).
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator

import pytest

from tests.integration.conftest import posko
from tests.integration.outages import PARTS, Feed, Parts

RATE = 50  # reports a second
AWAY_S = int(os.environ.get("POSKO_TEST_AWAY_S", "15"))
AWAY = RATE * AWAY_S  # reports handed over meanwhile
GROWTH_MB = 100  # a process may take so much more while it waits and catches up
CATCH_UP_S = 240


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parts]:
    running = Parts(tmp_path_factory.mktemp("outages"))
    try:
        yield running
    finally:
        running.close()


@pytest.mark.timeout(300 + 2 * AWAY_S)
@pytest.mark.parametrize("how", ["paused", "killed"])
@pytest.mark.parametrize("part", PARTS)
def test_nothing_is_dropped_and_little_is_said_while_a_part_is_away(parts: Parts, part: str, how: str) -> None:
    before = parts.stored()
    feed = Feed(parts, RATE, seed=before)
    parts.until(lambda: parts.stored() >= before + RATE)
    parts.memory.clear()
    parts.sample(feed)
    said = {name: len(lines) for name, lines in parts.lines().items()}
    began = time.monotonic()
    with parts.away(part, how):
        until = feed.given + AWAY
        while feed.given < until:
            parts.sample(feed)
            time.sleep(0.5)
    away = time.monotonic() - began
    words = {name: len(lines) - said[name] for name, lines in parts.lines().items()}
    summary = feed.close()
    parts.until(lambda: parts.stored() == before + feed.given)
    caught_up = time.monotonic() - began - away
    figures = {name: (taken[0], max(taken)) for name, taken in parts.memory.items()}
    print(f"{part} {how} {away:.0f} s, {feed.given} reports, all stored {caught_up:.1f} s later; log lines {words}")
    print(f"memory before and at most, MB: {figures}; {summary}")
    assert f"sent {feed.given} messages" in summary
    posko("drain", "--data", str(parts.data), "--timeout", str(CATCH_UP_S))
    assert parts.stored() == before + feed.given
    assert all(most < first + GROWTH_MB for first, most in figures.values()), figures
    # One line when it goes, one a minute, one when it is back, and those of a restart when a transaction waited for a
    # minute; the client library has one a minute of its own.
    allowed = 12 + 12 * away / 60
    assert all(count <= allowed for count in words.values()), _tail(parts)
    waiting = "send" if part == "kafka" else "sink"
    told = [line for line in parts.lines()[waiting][said[waiting] :] if "warning" in line]
    assert any(("Kafka" if part == "kafka" else "ClickHouse") in json.loads(line)["event"] for line in told)


def _tail(parts: Parts) -> str:
    return "\n".join("\n".join([f"== {name}", *lines[-40:]]) for name, lines in parts.lines().items())
