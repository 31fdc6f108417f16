"""HTTP Digest authentication as ODK Collect does it: MD5 with qop=auth (RFC 2617, RFC 7616).

The password itself is never kept: HA1, the MD5 of name, realm and password, is all that the check needs.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections import OrderedDict
from collections.abc import Callable
from typing import Literal

REALM = "posko"
NONCE_S = 1800  # a nonce older than this is stale: the app asks for a new one by itself
REMEMBERED = 20_000  # requests whose repetition is noticed, at most
_PAIR = re.compile(r'(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')

Outcome = Literal["ok", "stale", "wrong"]


def ha1(user: str, password: str) -> str:
    """What is kept of a password."""
    return _md5(f"{user}:{REALM}:{password}")


class Digest:
    """Makes challenges and checks answers. `secret` signs the nonces, so none has to be remembered; after a restart
    with another secret every nonce is stale, which costs the app one more request."""

    def __init__(self, clock: Callable[[], float], secret: bytes | None = None) -> None:
        """`clock` gives seconds since 1970."""
        self._clock, self._secret = clock, secret or secrets.token_bytes(32)
        self._seen: OrderedDict[tuple[str, str, str], None] = OrderedDict()

    def challenge(self, stale: bool = False) -> str:
        """The value of WWW-Authenticate."""
        more = ", stale=true" if stale else ""
        return f'Digest realm="{REALM}", qop="auth", algorithm=MD5, nonce="{self._nonce(int(self._clock()))}"{more}'

    def user(self, authorization: str) -> str:
        """The name in the header Authorization, `""` when there is none."""
        return _fields(authorization).get("username", "")

    def check(self, authorization: str, method: str, uri: str, known: str) -> Outcome:
        """Whether the header answers a challenge of ours for this request; `known` is the user's HA1.

        `uri` is the path and query as they were asked for. A request that is repeated word for word is `wrong`.
        """
        given = _fields(authorization)
        nonce, count, client = given.get("nonce", ""), given.get("nc", ""), given.get("cnonce", "")
        if given.get("realm") != REALM or given.get("qop") != "auth" or not known or given.get("uri") != uri:
            return "wrong"
        if given.get("algorithm", "MD5").upper() != "MD5" or not re.fullmatch(r"[0-9a-fA-F]{8}", count):
            return "wrong"
        expected = _md5(":".join((known, nonce, count, client, "auth", _md5(f"{method}:{uri}"))))
        if not hmac.compare_digest(expected.encode(), given.get("response", "").lower().encode()):
            return "wrong"
        return self._fresh(nonce, count, client)

    def _fresh(self, nonce: str, count: str, client: str) -> Outcome:
        at, _, _ = nonce.partition("-")
        if not at.isdecimal() or len(at) > 12 or not hmac.compare_digest(nonce.encode(), self._nonce(int(at)).encode()):
            return "stale"
        if not 0 <= self._clock() - int(at) <= NONCE_S:
            return "stale"
        use = (nonce, count, client)
        if use in self._seen:
            return "wrong"
        self._seen[use] = None
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return "ok"

    def _nonce(self, at: int) -> str:
        return f"{at}-{hmac.new(self._secret, str(at).encode(), hashlib.sha256).hexdigest()[:32]}"


def _fields(authorization: str) -> dict[str, str]:
    scheme, _, rest = authorization[:4000].partition(" ")
    if scheme.lower() != "digest":
        return {}
    return {
        found[1].lower(): re.sub(r"\\(.)", r"\1", found[2]) if found[2] is not None else found[3]
        for found in _PAIR.finditer(rest)
    }


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
