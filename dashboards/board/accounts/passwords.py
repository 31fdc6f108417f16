"""Passwords: argon2id hashes (RFC 9106, the library's second recommended choice), one-time passwords."""

from __future__ import annotations

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LEAST, MOST = 12, 200  # characters
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that looks like something else when it is read aloud
_hasher = PasswordHasher()
_NOBODY = _hasher.hash(secrets.token_hex())  # an account that is not there takes as long as one that is


def hashed(password: str) -> str:
    """The hash to keep; takes some 50 ms and 64 MiB on purpose."""
    return _hasher.hash(password)


def matches(kept: str, password: str) -> bool:
    """Whether a password belongs to a kept hash; `""` (there is no account) takes as long and is false."""
    if len(password) > MOST:
        return False
    try:
        return _hasher.verify(kept or _NOBODY, password) and bool(kept)
    except (VerificationError, InvalidHashError):
        return False


def once() -> str:
    """A password to hand over, shown once and changed at the first sign-in: 79 bits."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))


def weak(password: str, name: str) -> str:
    """Why a new password will not do, in Indonesian, else `""`. Length counts, not character classes (NIST 800-63B)."""
    if not LEAST <= len(password) <= MOST:
        return f"Kata sandi harus {LEAST} sampai {MOST} karakter; kalimat pendek lebih mudah diingat."
    if name.lower() in password.lower() or len(set(password)) < 5:
        return "Kata sandi terlalu mudah ditebak; jangan memakai nama akun atau huruf yang berulang."
    return ""
