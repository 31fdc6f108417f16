"""Decisions do not depend on the process that makes them: a set's order changes with each start of Python."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

GOLD = Path(__file__).parents[1] / "gold" / "dev.jsonl"
PROGRAM = """
import hashlib, sys
from pathlib import Path
import orjson
from posko import context, report
from posko.correlate import Correlator
from posko.intake import Intake

known = context.load("sumsel-2024")
reader = Intake(known.election, known.catalog, known.regions)
state = Correlator(known.catalog, known.election.timezone)
decided = hashlib.sha256()
for number, line in enumerate(Path(sys.argv[1]).read_bytes().splitlines()):
    message = reader.enrich(line, 1_732_660_000_000 + 20_000 * number, 0, number)
    decided.update(orjson.dumps(state.take(message)))
for message in state.flush().incidents:
    decided.update(orjson.dumps(message))
print(decided.hexdigest())
"""


def decisions(seed: str) -> str:
    """A digest of what is decided about the hand-written reports in a process that orders sets by `seed`."""
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(GOLD)],
        env=os.environ | {"PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        check=True,
    )
    return ran.stdout


def test_two_processes_decide_alike() -> None:
    assert decisions("1") == decisions("2")
