"""Who is asking: two users, compared in constant time."""

from __future__ import annotations

import base64
import binascii
import enum
import hashlib
import hmac
from collections.abc import Mapping

from posko.local.engine.errors import AUTHENTICATION_FAILED, ClickHouseError
from posko.settings import Settings, SettingsError


class Role(enum.Enum):
    """What a user may do; the values are roles of ClickHouse, see `config`."""

    FULL = "full"
    READER = "reader"


class Users:
    """Names, digests of passwords, roles."""

    def __init__(self, users: Mapping[str, tuple[str, Role]]) -> None:
        self._users = {name: (_digest(password), role) for name, (password, role) in users.items()}

    @classmethod
    def of(cls, settings: Settings) -> Users:
        """The full user and, when it has a password, the read-only one. SettingsError: the full one has no password."""
        password = settings.clickhouse_password.get_secret_value()
        if not password:
            raise SettingsError(
                "The engine needs a password for its user: set POSKO_CLICKHOUSE_PASSWORD, or let `posko up` make one "
                f"in {settings.data / 'secrets.json'}"
            )
        if settings.clickhouse_user == settings.dashboard_user:
            raise SettingsError("clickhouse_user and dashboard_user must differ: one may write, the other may not")
        users = {settings.clickhouse_user: (password, Role.FULL)}
        if reader := settings.dashboard_password.get_secret_value():
            users[settings.dashboard_user] = (reader, Role.READER)
        return cls(users)

    def role_of(self, name: str, password: str) -> Role:
        """The role of a user; ClickHouseError 516 for a wrong name or password, without saying which."""
        expected, role = self._users.get(name, (_NOBODY, None))
        if not hmac.compare_digest(expected, _digest(password)) or role is None:
            raise ClickHouseError.say(
                AUTHENTICATION_FAILED,
                f"{name}: Authentication failed: password is incorrect, or there is no user with such name.",
            )
        return role


def credentials(headers: Mapping[str, str], params: Mapping[str, str]) -> tuple[str, str] | None:
    """Name and password of a request: ClickHouse's headers, Basic authentication or the URL. None: it names nobody."""
    if "X-ClickHouse-User" in headers or "X-ClickHouse-Key" in headers:
        return headers.get("X-ClickHouse-User", "default"), headers.get("X-ClickHouse-Key", "")
    scheme, _, value = headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            name, _, password = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return "", ""
        return name, password
    if scheme:
        return "", ""
    if "user" in params or "password" in params:
        return params.get("user", "default"), params.get("password", "")
    return None


def _digest(password: str) -> bytes:
    return hashlib.sha256(password.encode("utf-8", "surrogatepass")).digest()


_NOBODY = bytes(32)
