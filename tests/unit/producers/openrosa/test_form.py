"""The form that officers download, and the documents through which the app finds it."""

from __future__ import annotations

import csv
import hashlib
import io
from xml.etree import ElementTree

import pytest

from posko import context
from posko.context import Context
from producers.openrosa import form, listing
from producers.openrosa.form import Form

XFORMS = "{http://www.w3.org/2002/xforms}"


@pytest.fixture(scope="module")
def known() -> Context:
    return context.load("sijunjung-2024")


@pytest.fixture(scope="module")
def made(known: Context) -> Form:
    return form.build(known)


def instance(made: Form, name: str) -> list[dict[str, str]]:
    root = ElementTree.fromstring(made.xml)
    found = next(one for one in root.iter(f"{XFORMS}instance") if one.get("id") == name)
    return [
        {child.tag.removeprefix(XFORMS): child.text or "" for child in item} for item in found.iter(f"{XFORMS}item")
    ]


def test_the_form_offers_the_categories_and_kinds_of_the_catalogue(made: Form, known: Context) -> None:
    categories = known.catalog.categories
    assert [one["name"] for one in instance(made, "category")] == list(categories)
    kinds = [(one["category"], one["name"]) for one in instance(made, "kind")]
    assert kinds == [(code, kind) for code, category in categories.items() for kind in category.kinds]


def test_places_are_chosen_step_by_step_from_files_beside_the_form(made: Form, known: Context) -> None:
    rows = {name: list(csv.DictReader(io.StringIO(content.decode()))) for name, content in made.media.items()}
    assert [row["name"] for row in rows["regencies.csv"]] == ["13.03"]
    assert len(rows["districts.csv"]) == 8
    assert {row["regency"] for row in rows["districts.csv"]} == {"13.03"}
    assert {row["district"] for row in rows["villages.csv"]} == {row["name"] for row in rows["districts.csv"]}
    villages = {code for code, region in known.regions.all.items() if region.level == "village"}
    assert {row["name"] for row in rows["villages.csv"]} == villages
    for name in made.media:
        assert f"jr://file-csv/{name}".encode() in made.xml


def test_the_version_is_in_the_form_and_changes_with_its_content(made: Form, known: Context) -> None:
    data = ElementTree.fromstring(made.xml).find(f".//{XFORMS}instance/{XFORMS}data")
    assert data is not None
    assert (data.get("id"), data.get("version")) == (made.id, made.version)
    assert form.build(known).version == made.version
    assert form.build(context.load("bengkulu-2024")).version != made.version


def test_the_list_leads_to_the_form_and_its_files_with_their_hashes(made: Form) -> None:
    listed = listing.form_list([made], "https://posko.example/odk")
    space = "{http://openrosa.org/xforms/xformsList}"
    entry = {child.tag: child.text for child in ElementTree.fromstring(listed)[0]}
    assert entry[f"{space}downloadUrl"] == f"https://posko.example/odk/forms/{made.id}/{made.version}/form.xml"
    assert entry[f"{space}hash"] == "md5:" + hashlib.md5(made.xml).hexdigest()
    space = "{http://openrosa.org/xforms/xformsManifest}"
    media = ElementTree.fromstring(listing.manifest(made, "https://posko.example/odk"))
    assert {one.findtext(f"{space}filename"): one.findtext(f"{space}hash") for one in media} == {
        name: "md5:" + hashlib.md5(content).hexdigest() for name, content in made.media.items()
    }
