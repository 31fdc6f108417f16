"""Who may call the webhooks: Twilio's signature, a gateway's HMAC, or a shared secret. Compared in constant time."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable

WINDOW_S = 300  # how far a signature's time may be from now


def same(given: str, expected: str) -> bool:
    """Whether two secrets are the same; never for an empty one."""
    return bool(expected) and hmac.compare_digest(given.encode(), expected.encode())


def twilio(url: str, form: Iterable[tuple[str, str]], given: str, token: str) -> bool:
    """Whether `given` is Twilio's signature of a form post to `url`.

    Source: Twilio, "Webhooks security": HMAC-SHA1 of the URL and all parameters sorted by name, in Base64. Of one name
    with several values each different value counts once, sorted.
    """
    signed = url + "".join(name + value for name, value in sorted(set(form)))
    made = hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()
    return bool(token) and hmac.compare_digest(base64.b64encode(made), given.encode())


def timed(body: bytes, timestamp: str, given: str, secret: str, now: float) -> str:
    """`""` when `given` is the HMAC-SHA256 (hex) of the body followed by the timestamp, else why not.

    `timestamp`: seconds since 1970, not further than WINDOW_S from `now`. So do Android's SMS gateway apps.
    """
    if not secret or not timestamp.isdecimal() or len(timestamp) > 12:
        return "The signature's time is missing or no number of seconds"
    made = hmac.new(secret.encode(), body + timestamp.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(made, given.removeprefix("sha256=").lower()):
        return "The signature does not match"
    if abs(now - int(timestamp)) > WINDOW_S:
        return f"The signature is more than {WINDOW_S} s old, or the clock is wrong"
    return ""
