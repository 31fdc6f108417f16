"""Proof of work for people whom nobody enrolled: made and checked without remembering who asked.

A challenge is signed by us and holds its own end of life and how hard it is; a solution is a number with which its hash
begins with so many zero bits. It pays for the reports whose ids it holds and for no others: used again, it only sends
the same reports again, which is harmless.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence

LASTS_S = 600
MOST = 200  # characters of a challenge or a solution


class Works:
    """Makes and checks challenges. `secret`: 32 bytes that nobody else has; `bits`: how hard they are."""

    def __init__(self, secret: bytes, bits: int) -> None:
        self._secret = secret
        self.bits = bits

    def challenge(self, now: float) -> str:
        """A new one; `now` in seconds since 1970 UTC."""
        said = f"{int(now) + LASTS_S}.{self.bits}.{secrets.token_hex(8)}"
        return f"{said}.{self._signed(said)}"

    def holds(self, challenge: str, solution: str, report_ids: Sequence[str], now: float) -> bool:
        """Whether the challenge is ours and alive and the solution solves it for these reports."""
        said, _, signature = challenge[:MOST].rpartition(".")
        if not hmac.compare_digest(self._signed(said).encode(), signature.encode()):
            return False
        until, bits, _ = said.split(".")
        if now >= int(until) or len(solution) > MOST:
            return False
        return zero_bits(challenge, solution, report_ids) >= int(bits)

    def _signed(self, said: str) -> str:
        return hmac.new(self._secret, said.encode(), hashlib.sha256).hexdigest()[:32]


def zero_bits(challenge: str, solution: str, report_ids: Sequence[str]) -> int:
    """With how many zero bits SHA-256 of `challenge:id,id,...:solution` begins."""
    text = f"{challenge}:{','.join(report_ids)}:{solution}"
    return 256 - int.from_bytes(hashlib.sha256(text.encode("utf-8", "replace")).digest()).bit_length()


def solved(challenge: str, report_ids: Sequence[str]) -> str:
    """A solution, for tests and programs; takes 2 to the power of its bits of hashes."""
    bits = int(challenge.split(".")[1])
    number = 0
    while zero_bits(challenge, str(number), report_ids) < bits:
        number += 1
    return str(number)
