"""What stops the local parts, said so that a person can act on it."""

from __future__ import annotations

from posko.settings import SettingsError


class LocalError(SettingsError):
    """Something on this machine keeps a local service from running; the text says what, where, and what to do."""
