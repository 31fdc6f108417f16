"""The file by which a supervisor or a container's health check sees that a role is ready: POSKO_READY_FILE names it."""

from __future__ import annotations

import os
from pathlib import Path


def mark(ready: bool) -> None:
    """Make the file, or take it away. Without the variable nothing happens."""
    if path := os.environ.get("POSKO_READY_FILE"):
        Path(path).touch() if ready else Path(path).unlink(missing_ok=True)
