"""The catalogue: complete, in two languages, and clear about what is wrong with somebody's own file."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from posko.catalog import SEVERITIES, Catalog, CatalogError


@pytest.fixture(scope="module")
def builtin() -> Catalog:
    return Catalog.load()


def test_the_four_categories_are_there_with_kinds(builtin: Catalog) -> None:
    assert list(builtin.categories) == ["logistics", "security", "hoax", "asn_neutrality"]
    assert all(6 <= len(category.kinds) <= 12 for category in builtin.categories.values())


def test_every_severity_has_deadlines_and_worse_is_never_slower(builtin: Catalog) -> None:
    for category in builtin.categories.values():
        assert tuple(category.deadlines) == SEVERITIES
        for mild, bad in pairwise(SEVERITIES):
            assert all(b <= m for b, m in zip(category.deadlines[bad], category.deadlines[mild], strict=True))


def test_everything_has_an_indonesian_and_an_english_name(builtin: Catalog) -> None:
    names = [agency.names for agency in builtin.agencies.values()]
    names += [institution.names for institution in builtin.institutions.values()]
    names += [role.names for role in builtin.roles.values()]
    for category in builtin.categories.values():
        names += [category.names, *(kind.names for kind in category.kinds.values())]
    assert all(set(pair) == {"id", "en"} and all(pair.values()) for pair in names)


def test_hoaxes_travel_and_logistics_do_not(builtin: Catalog) -> None:
    assert builtin.categories["hoax"].travels
    assert all(kind.travels for kind in builtin.categories["hoax"].kinds.values())
    assert not builtin.categories["logistics"].travels


def test_a_kind_may_have_other_agencies_than_its_category(builtin: Catalog) -> None:
    security = builtin.categories["security"]
    assert security.lead_agency == "polri"
    assert security.kinds["disaster"].lead_agency == "bpbd"
    assert security.kinds["brawl"].lead_agency == "polri"
    assert security.kinds["brawl"].support_agencies == security.support_agencies


def test_a_role_names_its_institution(builtin: Catalog) -> None:
    assert builtin.roles["babinsa"].institution == "tni"
    assert all(role.institution in builtin.institutions for role in builtin.roles.values())


def test_an_own_file_only_says_what_it_adds_or_changes(tmp_path: Path, builtin: Catalog) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(
        "extends: builtin\n"
        "roles:\n  boat_crew: {id: Awak perahu, en: Boat crew, institution: public}\n"
        "categories:\n  logistics:\n    deadlines: {5: [1, 20]}\n"
        "    kinds:\n      lost: {id: Logistik hilang, en: Supplies lost, severity: 5}\n"
    )
    catalog = Catalog.load(own)
    assert catalog.roles["boat_crew"].institution == "public"
    assert catalog.roles.keys() == builtin.roles.keys() | {"boat_crew"}
    assert catalog.categories["logistics"].deadlines[5] == (1, 20)
    assert catalog.categories["logistics"].deadlines[4] == builtin.categories["logistics"].deadlines[4]
    assert catalog.categories["logistics"].kinds["lost"].lead_agency == "kpu"
    assert catalog.categories["hoax"] == builtin.categories["hoax"]


MISTAKES = {
    "unknown agency": (
        "categories: {hoax: {lead_agency: nobody}}",
        "categories.hoax: 'nobody' is not among the agencies",
    ),
    "unknown agency of a kind": (
        "categories: {hoax: {kinds: {tps_moved: {support_agencies: [kpu, nobody]}}}}",
        "categories.hoax.kinds.tps_moved: 'nobody' is not among the agencies",
    ),
    "unknown institution": (
        "roles: {x: {id: a, en: b, institution: nowhere}}",
        "roles.x.institution: 'nowhere' is not among the institutions",
    ),
    "missing severity": (
        "categories: {new: {names: {id: a, en: b}, severity: 3, lead_agency: kpu, support_agencies: [], kinds: {},"
        " deadlines: {1: [1, 1], 2: [1, 1]}}}",
        "categories.new.deadlines: none for severity 3, 4, 5",
    ),
    "one language": ("agencies: {x: {id: a}}", "agencies.x: Object missing required field `en`"),
    "misspelt section": ("agencis: {}", "unknown field `agencis`"),
    "misspelt field": ("categories: {hoax: {travel: true}}", "categories.hoax: Object contains unknown field `travel`"),
    "severity out of range": (
        "categories: {hoax: {kinds: {tps_moved: {severity: 6}}}}",
        "categories.hoax.kinds.tps_moved: Expected `int` <= 5 - at `$.severity`",
    ),
    "resolved before acknowledged": (
        "categories: {hoax: {deadlines: {3: [50, 20]}}}",
        "categories.hoax.deadlines.3: to be resolved within 20 minutes but acknowledged within 50",
    ),
}


@pytest.mark.parametrize(("change", "said"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_in_an_own_file_is_named_with_its_place(tmp_path: Path, change: str, said: str) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(f"extends: builtin\n{change}\n")
    with pytest.raises(CatalogError) as caught:
        Catalog.load(own)
    assert said in str(caught.value)
    assert str(own) in str(caught.value)


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("extends: builtin\nagencies: {x: {id: a}, y: {en: b}}\ncategories: {hoax: {lead_agency: z}}\n")
    with pytest.raises(CatalogError) as caught:
        Catalog.load(own)
    assert [name in str(caught.value) for name in ("agencies.x", "agencies.y", "'z'")] == [True, True, True]


@pytest.mark.parametrize(
    "text", ["a: 1\na: 2\n", "- 1\n", "a: [\n", "\xff"], ids=["key twice", "list", "not YAML", "latin-1"]
)
def test_a_file_that_is_no_catalogue_is_refused_by_name(tmp_path: Path, text: str) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(text, encoding="latin-1")
    with pytest.raises(CatalogError, match=r"own\.yaml"):
        Catalog.load(own)


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"none\.yaml cannot be read"):
        Catalog.load(tmp_path / "none.yaml")
