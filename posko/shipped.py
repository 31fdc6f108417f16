"""The data files that ship with posko: words, frames, points, spellings."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import yaml

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same, in C where it was built: eight times as fast


def content(path: str) -> Any:
    """What a YAML file holds, by its path below `posko/data`; read anew each time."""
    return yaml.load(files("posko").joinpath("data", path).read_bytes(), Loader=_LOADER)  # noqa: S506 - a safe loader
