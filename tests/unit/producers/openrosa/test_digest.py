"""Signing in as ODK Collect does."""

from __future__ import annotations

import hashlib

import pytest

from producers.openrosa.digest import NONCE_S, Digest, ha1

URI = "/odk/formList"
HA1 = ha1("kpps-1", "geheim")


class Clock:
    now = 1_732_665_900.0

    def __call__(self) -> float:
        return self.now


def md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


def answer(
    challenge: str,
    user: str = "kpps-1",
    password: str = "geheim",
    method: str = "GET",
    uri: str = URI,
    nc: str = "00000001",
) -> str:
    """What a client sends (RFC 2617, 3.2.2), worked out on its own."""
    nonce = challenge.partition('nonce="')[2].partition('"')[0]
    first, second = md5(f"{user}:posko:{password}"), md5(f"{method}:{uri}")
    response = md5(f"{first}:{nonce}:{nc}:0a4f113b:auth:{second}")
    return (
        f'Digest username="{user}", realm="posko", nonce="{nonce}", uri="{uri}", qop=auth, nc={nc}, '
        f'cnonce="0a4f113b", response="{response}", algorithm=MD5'
    )


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def digest(clock: Clock) -> Digest:
    return Digest(clock, b"secret")


def test_the_right_password_opens(digest: Digest) -> None:
    header = answer(digest.challenge())
    assert digest.user(header) == "kpps-1"
    assert digest.check(header, "GET", URI, HA1) == "ok"
    assert digest.check(answer(digest.challenge(), nc="00000002"), "GET", URI, HA1) == "ok"


def test_anything_else_does_not(digest: Digest) -> None:
    challenge = digest.challenge()
    good = answer(challenge)
    assert digest.check(answer(challenge, password="falsch"), "GET", URI, HA1) == "wrong"
    assert digest.check(good, "POST", URI, HA1) == "wrong"
    assert digest.check(good, "GET", "/odk/submission", HA1) == "wrong"
    assert digest.check(good, "GET", URI, "") == "wrong"
    assert digest.check(good.replace("MD5", "MD5-sess"), "GET", URI, HA1) == "wrong"
    assert digest.check("", "GET", URI, HA1) == digest.check("Basic abc", "GET", URI, HA1) == "wrong"


def test_a_request_that_was_heard_before_does_not_open_again(digest: Digest) -> None:
    good = answer(digest.challenge())
    assert [digest.check(good, "GET", URI, HA1) for _ in range(2)] == ["ok", "wrong"]


def test_an_old_or_invented_nonce_is_stale_and_the_app_is_told(digest: Digest, clock: Clock) -> None:
    good = answer(digest.challenge())
    clock.now += NONCE_S + 1
    assert digest.check(good, "GET", URI, HA1) == "stale"
    assert digest.challenge(stale=True).endswith("stale=true")
    assert digest.check(answer('nonce="1732665900-abc"'), "GET", URI, HA1) == "stale"
    assert Digest(clock, b"other").check(answer(digest.challenge()), "GET", URI, HA1) == "stale"
