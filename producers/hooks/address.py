"""Where deliveries may go: https, no names of insiders' machines, so that nobody has us call what they cannot reach."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from urllib.parse import urlsplit

MOST = 2000  # characters of an address
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
Ip = ipaddress.IPv4Address | ipaddress.IPv6Address


class BadAddress(ValueError):
    """An address that is not used; the text says why and what to do."""


def checked(url: str, private: bool) -> str:
    """The address, if deliveries may go there. `private`: also to addresses that are not public. Raises BadAddress."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise BadAddress(f"{url[:100]} is no address") from None
    if len(url) > MOST or not url.isascii() or not url.isprintable() or " " in url:
        raise BadAddress(f"The address must be printable ASCII of at most {MOST} characters, without spaces")
    if parts.username is not None or parts.password is not None:
        raise BadAddress("The address must hold no user and password; deliveries are signed instead")
    if parts.fragment:
        raise BadAddress("The address must have no fragment (#...)")
    if not host or parts.scheme not in ("http", "https"):
        raise BadAddress("The address must begin with https:// and name a host")
    literal = _literal(host)
    loopback = literal.is_loopback if literal else host == "localhost"
    if parts.scheme == "http" and not loopback:
        raise BadAddress("The address must begin with https://; http is for this machine only")
    if (loopback or (literal and not public(literal))) and not private:
        raise BadAddress(f"{host} is not public; --private allows it")
    return url


def public(address: Ip) -> bool:
    """Whether an address is one of the public Internet, also after its translation to IPv4."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return public(inner)
    return address.is_global and not address.is_multicast


async def resolved(host: str, port: int, private: bool) -> str:
    """The address to call for `host`: resolved once, checked, and then called itself, so that a name whose answer
    changes in between leads nowhere else. Raises BadAddress, OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    if not addresses:
        raise BadAddress(f"{host} has no address")
    if not private and not all(public(address) for address in addresses):
        raise BadAddress(f"{host} leads to an address that is not public; --private allows it")
    return str(addresses[0])


def _literal(host: str) -> Ip | None:
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None
