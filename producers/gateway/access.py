"""Who is asking: the officer whose token a request carries, in its Authorization header or in its cookie."""

from __future__ import annotations

from typing import Any

from litestar.connection import ASGIConnection

from producers.gateway.errors import Refused
from producers.gateway.wording import language_of
from producers.officers import Officer, Officers

COOKIE = "posko_token"
COOKIE_S = 180 * 24 * 3600
Connection = ASGIConnection[Any, Any, Any, Any]


def header(connection: Connection, name: bytes) -> str:
    """A header by its lower-case name, `""` without it: for each request, so without the framework's mapping."""
    for key, value in connection.scope["headers"]:
        if key == name:
            return value.decode("latin-1")
    return ""


def token_of(connection: Connection) -> str:
    """The token a request carries, `""` without one."""
    scheme, _, token = header(connection, b"authorization").partition(" ")
    if scheme.lower() == "bearer":
        return token.strip()
    return connection.cookies.get(COOKIE, "")


def officer_of(connection: Connection, officers: Officers) -> Officer:
    """The officer who asks. Raises Refused (401) for anybody else."""
    token = token_of(connection)
    officer = officers.by_token(token) if token else None
    if officer is None:
        raise Refused(401, "not_signed_in")
    connection.scope["state"]["language"] = officer.language
    return officer


def address_of(connection: Connection) -> str:
    """The address a request comes from; behind a proxy that we trust, the one it names. IPv6: the network of 64 bits
    that one household has."""
    host = connection.client.host if connection.client else ""
    return ":".join(host.split(":")[:4]) if ":" in host else host


def language_of_request(connection: Connection) -> str:
    """The language in which to answer: the officer's, else what the device prefers, else Indonesian."""
    known = connection.scope["state"].get("language")
    return str(known) if known else language_of(connection.headers.get("accept-language", ""))
