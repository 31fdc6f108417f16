"""The officer web app as it is served: small, whole, without anything that its own policy would stop."""

from __future__ import annotations

import re

import pytest

from producers.webapp.files import FOLDER, load
from producers.webapp.router import POLICY

MOST_BYTES = 200_000
FILES = load()
SCRIPTS = {path: file.content.decode() for path, file in FILES.items() if path.endswith(".js")}


def test_the_whole_app_is_under_200_kb_uncompressed() -> None:
    assert sum(len(file.content) for file in FILES.values()) < MOST_BYTES


def test_every_file_in_the_folder_is_served() -> None:
    assert len(FILES) == len(list(FOLDER.iterdir()))


def test_the_service_worker_keeps_every_other_file_and_its_version_changes_with_them(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    worker = SCRIPTS["/sw.js"]
    kept = re.search(r'FILES = "([^"]+)"', worker)
    assert kept
    assert set(kept[1].split()) == set(FILES) - {"/sw.js"}
    changed = tmp_path_factory.mktemp("assets")
    for path in FOLDER.iterdir():
        changed.joinpath(path.name).write_bytes(path.read_bytes() + (b"\n" if path.name == "style.css" else b""))
    assert load(changed)["/sw.js"].content != FILES["/sw.js"].content


def test_what_pages_and_scripts_name_exists() -> None:
    page = FILES["/"].content.decode()
    named = set(re.findall(r'(?:href|src)="(/[^"#]*)"', page))
    for path, script in SCRIPTS.items():
        folder = path.rpartition("/")[0]
        named |= {one.replace("./", f"{folder}/") for one in re.findall(r'from "([^"]+)"', script)}
    assert named - set(FILES) == set()
    assert not re.search(r'(?:href|src|from)[= ]"(?:https?:)?//', page + "".join(SCRIPTS.values()))


def test_nothing_is_inline_and_nothing_makes_html_from_text() -> None:
    page = FILES["/"].content.decode()
    assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son[a-z]+=|javascript:", page)
    assert "unsafe" not in POLICY
    for script in SCRIPTS.values():
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", script)


def test_ids_that_scripts_ask_for_are_in_the_page() -> None:
    page = FILES["/"].content.decode()
    asked = {name for script in SCRIPTS.values() for name in re.findall(r'\$\("([a-z-]+)"\)', script)}
    assert {name for name in asked if f'id="{name}"' not in page} == set()
