"""The signature of a call, the same in both directions. Pure."""

from __future__ import annotations

import hashlib
import hmac
import secrets

WINDOW_S = 300  # how far a signature's time may be from now
BYTES = 32


def made_secret() -> str:
    """A new secret of 256 random bits, in letters that any system takes."""
    return secrets.token_urlsafe(BYTES)


def signed(secret: str, timestamp: str, body: bytes) -> str:
    """The value of X-Posko-Signature: `sha256=` and the HMAC-SHA256, in hexadecimal, of timestamp, a dot, the body."""
    return "sha256=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def headers(secret: str, now: float, body: bytes) -> dict[str, str]:
    """The headers that sign `body` at `now`, seconds since 1970."""
    timestamp = str(int(now))
    return {"X-Posko-Timestamp": timestamp, "X-Posko-Signature": signed(secret, timestamp, body)}


def fits(secret: str, timestamp: str, given: str, body: bytes, now: float) -> bool:
    """Whether `given` signs `body` with `secret` at a time not further than WINDOW_S from `now`. Constant time."""
    if not secret or not (timestamp.isascii() and timestamp.isdecimal()) or len(timestamp) > 12:
        return False
    same = hmac.compare_digest(signed(secret, timestamp, body).encode(), given.strip().lower().encode())
    return same and abs(now - int(timestamp)) <= WINDOW_S
