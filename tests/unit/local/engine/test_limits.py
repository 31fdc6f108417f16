from __future__ import annotations

import re
from pathlib import Path

from posko.local.engine.limits import Limits

DOCUMENT = Path(__file__).parents[4] / "docs" / "engine.md"


def test_every_limit_is_documented_with_its_default():
    rows = dict(re.findall(r"^\| `POSKO_ENGINE_(\w+)` \| ([\d.]+) \|", DOCUMENT.read_text(), re.MULTILINE))
    limits = {name.upper(): f"{field.default:g}" for name, field in Limits.model_fields.items()}
    assert {name: f"{float(value):g}" for name, value in rows.items()} == limits
