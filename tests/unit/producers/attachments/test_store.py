"""Files by their hash, in a folder or any other file system; for the people who sent them and nobody else."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pytest

from posko.settings import SettingsError
from producers.attachments import Kept, Store

CONTENT = b"OggS" + b"x" * 300_000
HASH = hashlib.sha256(CONTENT).hexdigest()
KEPT = Kept("audio/ogg", len(CONTENT), 1)


@pytest.fixture(params=["folder", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return Store(tmp_path / "files" if request.param == "folder" else f"memory://{tmp_path.name}")


def test_what_was_put_is_found_and_read_by_its_sender(store: Store) -> None:
    assert store.find(HASH, "kpps-1") is None
    store.put(HASH, io.BytesIO(CONTENT), KEPT, b"small", "kpps-1")
    assert store.find(HASH, "kpps-1") == KEPT
    assert b"".join(store.read(HASH)) == CONTENT
    assert store.thumb(HASH) == b"small"


def test_it_is_not_there_for_others_until_they_send_it_too(store: Store) -> None:
    store.put(HASH, io.BytesIO(CONTENT), KEPT, None, "kpps-1")
    assert store.find(HASH, "kpps-2") is None
    store.put(HASH, io.BytesIO(CONTENT), KEPT, None, "kpps-2")
    assert store.find(HASH, "kpps-1") == store.find(HASH, "kpps-2") == KEPT
    assert store.thumb(HASH) is None


def test_a_file_cut_short_by_a_crash_is_not_there_and_can_be_sent_again(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.put(HASH, io.BytesIO(CONTENT), KEPT, None, "kpps-1")
    whole = tmp_path / HASH[:2] / HASH
    whole.write_bytes(CONTENT[:100])
    assert store.find(HASH, "kpps-1") is None
    store.put(HASH, io.BytesIO(CONTENT), KEPT, None, "kpps-1")
    assert whole.read_bytes() == CONTENT


def test_names_of_people_are_not_in_names_of_files(tmp_path: Path) -> None:
    Store(tmp_path).put(HASH, io.BytesIO(CONTENT), KEPT, None, "kpps-1/../../x")
    assert all("kpps" not in path.name for path in tmp_path.rglob("*"))
    assert not list(tmp_path.parent.glob("x*"))


def test_a_place_that_does_not_exist_is_said_at_the_start() -> None:
    with pytest.raises(SettingsError, match="POSKO_ATTACHMENTS"):
        Store("nowhere://bucket")
