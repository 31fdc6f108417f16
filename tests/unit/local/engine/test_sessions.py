from __future__ import annotations

from typing import Any

import pytest

from posko.local.engine.auth import Role
from posko.local.engine.errors import ClickHouseError
from posko.local.engine.sessions import Sessions


class Handle:
    """Notes that it was closed."""

    def __init__(self, role: Role) -> None:
        self.role, self.closed = role, False

    def close(self) -> None:
        self.closed = True


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sessions(clock) -> Sessions:
    connect: Any = Handle
    return Sessions(connect, 2, clock)


def test_a_session_keeps_its_handle_to_itself(sessions):
    with sessions.handle("u", "s", Role.FULL, 60) as first:
        pass
    with sessions.handle("u", "s", Role.FULL, 60) as again, sessions.handle("v", "s", Role.FULL, 60) as others:
        assert again is first
        assert others is not first


def test_a_session_ends_after_its_timeout(sessions, clock):
    with sessions.handle("u", "s", Role.FULL, 60) as handle:
        clock.now = 1000
    clock.now = 1059
    assert sessions.exists("u", "s")
    clock.now = 1060
    assert not sessions.exists("u", "s")
    assert handle.closed


def test_a_session_cannot_ask_for_more_than_an_hour(sessions, clock):
    with sessions.handle("u", "s", Role.FULL, 1e9):
        pass
    clock.now = 3601
    assert not sessions.exists("u", "s")


def test_one_request_at_a_time(sessions):
    with sessions.handle("u", "s", Role.FULL, 60):
        with pytest.raises(ClickHouseError) as caught, sessions.handle("u", "s", Role.FULL, 60):
            pass
        assert caught.value.code == 373


def test_sessions_are_bounded(sessions):
    with sessions.handle("u", "a", Role.FULL, 60), sessions.handle("u", "b", Role.FULL, 60):
        with pytest.raises(ClickHouseError) as caught, sessions.handle("u", "c", Role.FULL, 60):
            pass
        assert caught.value.code == 202


def test_a_session_that_must_exist(sessions):
    with pytest.raises(ClickHouseError) as caught:
        sessions.require("u", "s")
    assert caught.value.code == 372
    with sessions.handle("u", "s", Role.FULL, 60):
        pass
    sessions.require("u", "s")
