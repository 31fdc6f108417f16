"""Who may do what where, what is undone by what, what stays hidden, and that each word has its English."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest

from dashboards.board import mask, undo, words
from dashboards.board.pages.account_page import inside
from dashboards.board.roles import ROLES, may, normalised, sees
from posko import incident as life
from tests.unit.dashboards.board_incidents import incident

BOARD = Path(words.__file__).parent


def test_each_role_may_what_the_one_before_may_and_only_what_exists():
    order = [ROLES[name] for name in ("viewer", "operator", "verifier", "commander")]
    assert all(one < other for one, other in itertools.pairwise(order))
    assert order[-1] == frozenset(life.ACTIONS)
    assert not may("nobody", "note")


@pytest.mark.parametrize(
    ("areas", "seen"),
    [((), True), (("16.71",), True), (("16.71.01",), True), (("16.02", "16.71"), True), (("16.02",), False),
     (("16.71.02",), False), (("17",), False)],
)  # fmt: skip
def test_an_area_holds_what_lies_in_it(areas: tuple[str, ...], seen: bool):
    assert sees(areas, incident()) is seen


def test_what_is_only_known_to_be_in_the_province_is_not_a_kabupatens():
    somewhere = incident(regency="", district="", village="")
    assert not sees(("16.71",), somewhere)
    assert sees(("16",), somewhere)


def test_areas_are_codes():
    assert normalised(["1671", "16.02.01"]) == ("16.71", "16.02.01")
    with pytest.raises(ValueError, match="Palembang"):
        normalised(["Palembang"])


@pytest.mark.parametrize(
    ("action", "value", "back"),
    [
        ("resolve", "selesai", ("reopen", "")),
        ("reject", "", ("reopen", "")),
        ("assign", "budi", ("assign", "anna")),
        ("assign", "anna", None),
        ("refer", "bpbd", ("refer", "kpu")),
        ("severity", "5", ("severity", "3")),
        ("silence", "60", ("silence", "0")),
        ("merge", "16.71-AAAAAAAAAA", None),
        ("note", "", None),
    ],
)
def test_undo_is_an_action_that_leads_back(action: str, value: str, back: tuple[str, str] | None):
    before = {"assigned_to": "anna", "lead_agency": "kpu", "severity": 3}
    found = undo.of(action, value, before)
    assert (found and found[:2]) == back


@pytest.mark.parametrize(
    "number",
    ["081234567890", "0812-3456-7890", "+62 812 3456 7890", "62812.3456.789", "08 123 456 789", "1671010101900001"],
)
def test_phone_and_identity_numbers_are_hidden(number: str):
    assert mask.text(f"hubungi {number}, segera") == f"hubungi {mask.HIDDEN}, segera"


@pytest.mark.parametrize("text", ["TPS 004 pukul 08.30", "16.71.01.1001/007", "Rp50000 untuk 081 orang", "0,8 km"])
def test_other_numbers_stay(text: str):
    assert mask.text(text) == text


def test_a_reporter_has_the_same_code_everywhere_and_it_needs_the_secret():
    assert mask.pseudonym("kpps-1", "a" * 64) == mask.pseudonym("kpps-1", "a" * 64)
    assert mask.pseudonym("kpps-1", "a" * 64) != mask.pseudonym("kpps-1", "b" * 64)


def test_of_a_reporter_only_what_is_personal_is_shown():
    report = {"reporter_id": "wa-1", "extra": {"battery": 4, "phone": "0812", "reporter": {"name": "N", "home": "16"}}}
    assert mask.person(report) == {"id": "wa-1", "phone": "0812", "name": "N"}


@pytest.mark.parametrize(
    ("address", "safe"),
    [("/insiden/16-A?x=1", True), ("//evil.example", False), ("/\\evil", False), ("https://evil", False), ("", False),
     ("/a\nb", False)],
)  # fmt: skip
def test_signing_in_leads_nowhere_else(address: str, safe: bool):
    assert inside(address) == (address if safe else "/")


def test_every_word_has_its_english():
    said = set(words.IN_SCRIPTS)
    for page in (BOARD / "templates").iterdir():
        text = page.read_text()
        said |= set(re.findall(r'\bt\("([^"]+)"', text)) | set(re.findall(r"\bt\('([^']+)'", text))
    for script in (BOARD / "assets").glob("*.js"):
        said |= set(re.findall(r'\bt\("([^"]+)"', script.read_text()))
    for role, actions in ROLES.items():
        said |= {role, *(f"do {action}" for action in actions)}
    known = words.known()
    assert {text for text in said if text not in known and text not in ("do ", "tenggat ", "urut ")} == set()


def test_scripts_say_only_what_is_sent_with_each_page():
    scripts = "".join(script.read_text() for script in (BOARD / "assets").glob("*.js"))
    assert set(re.findall(r'\bt\("([^"]+)"', scripts)) <= set(words.IN_SCRIPTS)


def test_pages_bring_everything_themselves():
    for path in [*(BOARD / "templates").iterdir(), *(BOARD / "assets").iterdir()]:
        text = path.read_text().replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://|@import|\sstyle=|\son\w+=", text), path.name
