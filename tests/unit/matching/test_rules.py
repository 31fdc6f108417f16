"""The settings that ship, and the page that explains them."""

from pathlib import Path

import pytest
import yaml

from posko.catalog import Catalog
from posko.correlate import candidates
from posko.matching import RuleBook, kinds
from posko.text import normalise

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "matching.md").read_text(encoding="utf-8")
DATA = yaml.safe_load((ROOT / "posko" / "data" / "matching.yaml").read_text(encoding="utf-8"))
CATALOG = Catalog.load()


def test_the_page_states_the_figures_that_ship():
    default, place = DATA["default"], DATA["default"]["station"]

    assert f"Join from {default['join']} points" in PAGE
    assert f"suggest from {default['suggest']}" in PAGE
    assert f"there are **{default['start']}**" in PAGE
    for what, points in (
        ("place: same TPS", place["same"]),
        ("same village, no TPS known on one side", place["village"]),
        ("same kecamatan, no village known on one side", place["district"]),
    ):
        assert f"| {what} | +{points} |" in PAGE
    assert f"at most {candidates.MAX_CANDIDATES} incidents" in PAGE
    assert f"the {candidates.CELL} to {candidates.PER_WORD} touched last" in PAGE
    assert f"({default['margin']} points)" in PAGE


def test_every_kind_of_the_catalogue_has_rules_and_every_setting_names_a_kind():
    book = RuleBook(CATALOG)
    known = {kind for category in CATALOG.categories.values() for kind in category.kinds}

    for code, category in CATALOG.categories.items():
        for kind in ("", *category.kinds):
            rules = book.rules(code, kind)
            assert rules.start < rules.suggest < rules.join, (code, kind)
    assert {kind for pair in DATA["near_kinds"] for kind in pair} <= known
    for category, settings in DATA["categories"].items():
        assert settings.get("kinds", {}).keys() <= CATALOG.categories[category].kinds.keys()


def test_every_kind_can_be_told_by_words():
    cues = kinds._cues()

    for code, category in CATALOG.categories.items():
        told = {kind for found in cues[code].values() for kind, _ in found}
        assert told == category.kinds.keys(), code


@pytest.mark.parametrize(
    ("category", "text", "kind"),
    [
        ("logistics", "lgstk blm tiba, kami nunggu dari subuh", "late"),
        ("logistics", "mati lampu dari jam 7, minta genset", "power_outage"),
        ("security", "wong belago, saksi samo pendukung ribut", "brawl"),
        ("hoax", "beredar ssu lah tecoblos di gudang", "marked_ballots"),
        ("logistics", "mohon petunjuk", ""),
    ],
)
def test_the_kind_is_told_by_words_or_left_open(category, text, kind):
    assert kinds.infer(category, normalise(text).weights) == kind
