"""Keys of personal links and tokens of phones: 256 random bits each; only their SHA-256 is ever stored.

A plain hash is enough: what is random in 256 bits cannot be guessed or looked up, unlike a password.
"""

from __future__ import annotations

import hashlib
import secrets

BYTES = 32
LENGTH = 43  # characters of a key: base64url without padding


def made() -> str:
    """A new key, safe in addresses."""
    return secrets.token_urlsafe(BYTES)


def hashed(key: str) -> bytes:
    """What is stored of a key."""
    return hashlib.sha256(key.encode()).digest()
