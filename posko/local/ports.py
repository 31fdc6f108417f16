"""Whether the ports of an instance can be had, said before anything is started."""

from __future__ import annotations

import socket
from collections.abc import Iterable

import psutil

from posko.local.errors import LocalError
from posko.settings import PORTS

BLOCK = 20  # ports of an instance with up to ten workers


def check(wanted: dict[str, tuple[str, int]]) -> None:
    """Raise LocalError when a port is taken: which, for which service, and by whom if that can be seen.

    `wanted`: service to address and port.
    """
    taken = [(service, host, port) for service, (host, port) in wanted.items() if not free(host, port)]
    if taken:
        lines = [f"  port {port} for {service} is in use by {_holder(port)}" for service, _, port in taken]
        raise LocalError(
            "Nothing was started, because\n" + "\n".join(lines) + "\nStop it, or move all ports with --port-base"
        )


def free(host: str, port: int) -> bool:
    """Whether a service could listen on the port now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(
            socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
        )  # as servers do: a port that was closed just now is free
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_base(bases: Iterable[int]) -> int | None:
    """The first port base among `bases` at which a whole instance could listen on loopback, with some workers."""
    offsets = {*PORTS.values(), *range(BLOCK)}
    return next((base for base in bases if all(free("127.0.0.1", base + offset) for offset in offsets)), None)


def _holder(port: int) -> str:
    try:
        listening = [
            connection
            for connection in psutil.net_connections("tcp")
            if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port
        ]
        pid = next((connection.pid for connection in listening if connection.pid), None)
        return f"{psutil.Process(pid).name()} (pid {pid})" if pid else "another process (this user may not see which)"
    except psutil.Error:
        return "another process"
