"""Passwords of the embedded engine: made once for an instance, readable by its owner only."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

from posko.local import files
from posko.local.errors import LocalError

NAMES = ("clickhouse_password", "dashboard_password")


def path(data: Path) -> Path:
    """Where the instance in `data` keeps its passwords."""
    return data / "secrets.json"


def ensure(data: Path) -> Path:
    """Make the instance's folder (mode 0700) and the passwords in it (mode 0600) that are not there yet.

    Passwords that exist stay, others may have noted them. Raises LocalError when the file cannot be used.
    """
    try:
        data.mkdir(parents=True, exist_ok=True)
        data.chmod(0o700)
        where = path(data)
        known = json.loads(where.read_text()) if where.exists() else {}
        if missing := [name for name in NAMES if not known.get(name)]:
            files.write_json(where, {**known, **{name: secrets.token_urlsafe(24) for name in missing}}, mode=0o600)
        where.chmod(0o600)
    except (OSError, ValueError, AttributeError) as error:
        raise LocalError(
            f"Passwords in {path(data)} cannot be read or made ({error}); check the folder's owner and space"
        ) from error
    return where
