"""A port in use is told before anything is started."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator

import pytest

from posko.local import ports
from posko.local.errors import LocalError


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def test_a_port_in_use_names_port_service_and_holder(taken: int) -> None:
    with pytest.raises(LocalError) as refusal:
        ports.check({"engine": ("127.0.0.1", taken)})
    assert f"port {taken} for engine is in use by" in str(refusal.value)
    assert f"(pid {os.getpid()})" in str(refusal.value)
    assert "--port-base" in str(refusal.value)


def test_every_port_in_use_is_named_at_once(taken: int) -> None:
    with pytest.raises(LocalError) as refusal:
        ports.check({"kafka": ("127.0.0.1", taken), "engine": ("127.0.0.1", taken)})
    assert "for kafka" in str(refusal.value)
    assert "for engine" in str(refusal.value)


def test_a_port_that_was_closed_just_now_is_free(taken: int) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as client, server.accept()[0]:
            client.send(b"x")
    ports.check({"kafka": ("127.0.0.1", port)})
