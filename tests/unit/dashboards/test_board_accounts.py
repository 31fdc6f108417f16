"""Accounts, sessions and lockout keep what they promise, by a clock that the test holds."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from dashboards.board.accounts import passwords
from dashboards.board.accounts.database import NAME, Database
from dashboards.board.accounts.handovers import Handovers
from dashboards.board.accounts.lockout import FREE, LONGEST_MS, Lockout
from dashboards.board.accounts.sessions import ABSOLUTE_MS, IDLE_MS, MOST_OF_ONE, Sessions
from dashboards.board.accounts.users import AccountError, Users

NOW = 1_732_669_200_000


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path)


@pytest.fixture
def users(database: Database) -> Users:
    made = Users(database)
    made.add("anna", "operator", ["16.71"], "posko", NOW)
    return made


def test_a_one_time_password_is_kept_as_a_hash_only_and_must_be_changed(users: Users, tmp_path: Path):
    password = users.add("budi", "commander", [], "posko", NOW)
    assert passwords.matches(users.password_of("budi"), password)
    assert not passwords.matches(users.password_of("budi"), password + "x")
    assert users.get("budi").must_change
    assert all(password.encode() not in path.read_bytes() for path in tmp_path.iterdir())
    assert stat.S_IMODE((tmp_path / NAME).stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("name", "role"), [("Anna B", "operator"), ("x", "operator"), ("cici", "boss"), ("anna", "viewer")]
)
def test_what_is_no_account_is_not_made(users: Users, name: str, role: str):
    with pytest.raises(AccountError):
        users.add(name, role, [], "posko", NOW)


def test_a_disabled_account_is_out_at_once(database: Database, users: Users):
    sessions = Sessions(database, users)
    token = sessions.begin("anna", NOW)
    assert sessions.whose(token, NOW).name == "anna"
    users.disable("anna")
    assert sessions.whose(token, NOW) is None
    assert users.password_of("anna") == ""


def test_a_session_ends_when_idle_and_at_last_even_when_used(database: Database, users: Users):
    sessions = Sessions(database, users)
    idle, used = sessions.begin("anna", NOW), sessions.begin("anna", NOW)
    step = IDLE_MS - 1
    for at in range(NOW + step, NOW + ABSOLUTE_MS, step):
        assert sessions.whose(used, at)
    assert sessions.whose(idle, NOW + IDLE_MS + 1) is None
    assert sessions.whose(used, NOW + ABSOLUTE_MS + 1) is None
    watched = sessions.begin("anna", NOW)
    assert sessions.whose(watched, NOW + step, active=False)
    assert sessions.whose(watched, NOW + IDLE_MS + 1) is None


def test_tokens_are_kept_as_hashes_and_sessions_of_one_account_are_bounded(database: Database, users: Users):
    sessions = Sessions(database, users)
    tokens = [sessions.begin("anna", NOW + number) for number in range(MOST_OF_ONE + 5)]
    kept = {row["token"] for row in database.ask("SELECT token FROM sessions")}
    assert len(kept) == MOST_OF_ONE
    assert not kept & set(tokens)
    assert sessions.whose(tokens[0], NOW + 30) is None
    assert sessions.whose(tokens[-1], NOW + 30)


def test_failures_lock_the_account_longer_each_time_from_wherever_they_come(database: Database):
    lockout = Lockout(database)
    for number in range(FREE["account"]):
        assert lockout.wait_ms("anna", f"10.0.0.{number}", NOW) == 0
        lockout.failed("anna", f"10.0.0.{number}", NOW)
    waits = [lockout.wait_ms("anna", "10.9.9.9", NOW)]
    for _ in range(8):
        lockout.failed("anna", "10.0.0.1", NOW)
        waits.append(lockout.wait_ms("anna", "10.9.9.9", NOW))
    assert waits[:3] == [60_000, 120_000, 240_000]
    assert waits[-1] == LONGEST_MS
    assert lockout.wait_ms("budi", "10.9.9.9", NOW) == 0
    lockout.succeeded("anna")
    assert lockout.wait_ms("anna", "10.9.9.9", NOW) == 0


def test_an_address_that_guesses_many_accounts_waits(database: Database):
    lockout = Lockout(database)
    for number in range(FREE["address"]):
        lockout.failed(f"guess-{number}", "10.0.0.1", NOW)
    assert lockout.wait_ms("anna", "10.0.0.1", NOW) == 60_000
    lockout.succeeded("anna")
    assert lockout.wait_ms("anna", "10.0.0.1", NOW) == 60_000


def test_what_was_typed_as_an_account_is_not_kept(database: Database, tmp_path: Path):
    Lockout(database).failed("my secret in the wrong field", "10.0.0.1", NOW)
    assert all(b"my secret" not in path.read_bytes() for path in tmp_path.iterdir())


@pytest.mark.parametrize("password", ["pendek", "aaaaaaaaaaaaaaaa", "anna-anna-1234", "x" * 201])
def test_weak_passwords_are_turned_away(password: str):
    assert passwords.weak(password, "anna")


def test_a_hand_over_is_taken_once(database: Database):
    notes = Handovers(database)
    notes.leave("anna", "16.71", "perahu ditunggu pukul 10", {"open": 3}, NOW)
    [note] = notes.latest()
    assert note["figures"] == {"open": 3}
    assert notes.take(note["id"], "budi", NOW)
    assert not notes.take(note["id"], "cici", NOW)
    assert notes.get(note["id"])["taken_by"] == "budi"
