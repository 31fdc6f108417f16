"""Officers, their personal links and the tokens of their phones."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from producers.officers import LinkRefused, Officer, Officers, PhoneTaken
from producers.officers.store import AGAIN_MS, LINK_MS

NOW = 1_732_665_600_000
ONE = Officer("kpps-1", "Petugas Satu", "+6281234567890", "kpps", "kpu", "16.71.01.1001")
TWO = Officer("babinsa-2", "Petugas Dua", "+6281234567891", "babinsa", "tni", "16.71.01")
DEVICE = "d" * 32


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "officers.sqlite3"


@pytest.fixture
def officers(path: Path) -> Iterator[Officers]:
    store = Officers(path, count().__next__)  # at each look a second has passed
    store.put_all([ONE, TWO], NOW)
    yield store
    store.close()


def refused(officers: Officers, key: str, device: str = DEVICE, now: int = NOW) -> str:
    with pytest.raises(LinkRefused) as caught:
        officers.sign_in(key, device, now)
    return caught.value.reason


def test_a_link_signs_one_phone_in_once(officers: Officers) -> None:
    key = officers.make_link(ONE.id, NOW)
    officer, token = officers.sign_in(key, DEVICE, NOW)
    assert officer == ONE == officers.by_token(token)
    assert refused(officers, key, "e" * 32) == "link_used"
    assert refused(officers, key, "") == "link_used"
    assert officers.by_token(token) == ONE


def test_the_same_phone_may_ask_again_when_the_answer_was_lost_and_its_first_token_ends(officers: Officers) -> None:
    key = officers.make_link(ONE.id, NOW)
    _, first = officers.sign_in(key, DEVICE, NOW)
    _, second = officers.sign_in(key, DEVICE, NOW + AGAIN_MS - 1)
    assert (officers.by_token(first), officers.by_token(second)) == (None, ONE)
    assert refused(officers, key, now=NOW + AGAIN_MS) == "link_used"


def test_a_new_link_makes_an_unused_one_void_and_leaves_signed_in_phones_alone(officers: Officers) -> None:
    used = officers.make_link(ONE.id, NOW)
    _, token = officers.sign_in(used, DEVICE, NOW)
    void = officers.make_link(ONE.id, NOW)
    fresh = officers.make_link(ONE.id, NOW)
    assert refused(officers, void) == "link_unknown"
    officers.sign_in(fresh, "other phone", NOW)
    assert officers.by_token(token) == ONE
    assert officers.phones(ONE.id) == 2


def test_links_expire_and_guesses_are_unknown(officers: Officers) -> None:
    key = officers.make_link(ONE.id, NOW)
    assert refused(officers, key, now=NOW + LINK_MS) == "link_expired"
    assert refused(officers, key[:-1] + "!") == "link_unknown"
    assert refused(officers, "") == "link_unknown"


def test_revoking_ends_tokens_and_links_at_once_for_every_process(officers: Officers, path: Path) -> None:
    _, token = officers.sign_in(officers.make_link(ONE.id, NOW), DEVICE, NOW)
    unused = officers.make_link(ONE.id, NOW)
    assert officers.by_token(token) == ONE
    another_process = Officers(path)
    assert another_process.revoke(ONE.id, NOW)
    assert not another_process.revoke(ONE.id, NOW)
    assert officers.by_token(token) is None
    assert officers.get(ONE.id) is None
    assert officers.by_phone(ONE.phone) is None
    assert refused(officers, unused) == "link_unknown"
    another_process.close()


def test_what_changes_about_an_officer_holds_for_phones_that_are_signed_in(officers: Officers, path: Path) -> None:
    _, token = officers.sign_in(officers.make_link(ONE.id, NOW), DEVICE, NOW)
    assert officers.by_token(token) == ONE
    another_process = Officers(path)
    moved = replace(ONE, area="16.71.02")
    assert another_process.put(moved, NOW) == "changed"
    assert officers.by_token(token) == moved
    another_process.close()


def test_putting_the_same_again_changes_nothing_and_revoked_ones_stay_so_unless_asked(officers: Officers) -> None:
    assert officers.put(ONE, NOW) == "same"
    officers.revoke(ONE.id, NOW)
    assert officers.put(ONE, NOW) == "revoked"
    assert officers.put(ONE, NOW, reinstate=True) == "changed"
    assert officers.get(ONE.id) == ONE


def test_a_phone_number_belongs_to_one_officer_and_many_are_taken_all_or_none(officers: Officers) -> None:
    three = replace(TWO, id="pps-3", phone="+6281234567892")
    with pytest.raises(PhoneTaken) as taken:
        officers.put_all([three, replace(TWO, id="pps-4")], NOW)
    assert taken.value.officer == TWO.id
    assert officers.get("pps-3") is None
    officers.revoke(TWO.id, NOW)
    assert officers.put(replace(TWO, id="pps-4"), NOW) == "added"
    assert officers.by_phone(TWO.phone) == replace(TWO, id="pps-4")


def test_signing_out_ends_one_token(officers: Officers) -> None:
    _, one = officers.sign_in(officers.make_link(ONE.id, NOW), DEVICE, NOW)
    other = officers.make_token(ONE.id, NOW)
    assert officers.sign_out(one)
    assert not officers.sign_out(one)
    assert (officers.by_token(one), officers.by_token(other)) == (None, ONE)


def test_the_file_is_its_owners_and_holds_no_key_and_no_token(officers: Officers, path: Path) -> None:
    key = officers.make_link(ONE.id, NOW)
    _, token = officers.sign_in(key, DEVICE, NOW)
    officers.close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    content = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert ONE.id.encode() in content
    assert key.encode() not in content
    assert token.encode() not in content


def test_nobody_gets_a_link_or_a_token_who_is_not_there(officers: Officers) -> None:
    for make in (officers.make_link, officers.make_token):
        with pytest.raises(KeyError):
            make("nobody", NOW)
