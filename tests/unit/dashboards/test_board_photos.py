"""Photos are read from where the gateway keeps them, whole or not at all, and nothing else of the disk is."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest

from dashboards.board.photos import Photos

CONTENT = b"\xff\xd8 a picture"
NAME = sha256(CONTENT).hexdigest()


@pytest.fixture
def photos(tmp_path: Path) -> Photos:
    folder = tmp_path / NAME[:2]
    folder.mkdir()
    (folder / NAME).write_bytes(CONTENT)
    (folder / f"{NAME}.thumb").write_bytes(b"small")
    (folder / f"{NAME}.json").write_text(json.dumps({"mime": "image/jpeg", "bytes": len(CONTENT), "at": 1}))
    return Photos(str(tmp_path))


def test_a_photo_that_is_kept_is_shown(photos: Photos):
    assert photos.with_thumbs([NAME, "0" * 64, "../../etc/passwd"]) == {NAME}
    assert photos.thumb(NAME) == b"small"
    assert photos.file(NAME) == ("image/jpeg", CONTENT)


def test_a_photo_that_is_still_coming_is_not_there(photos: Photos, tmp_path: Path):
    (tmp_path / NAME[:2] / f"{NAME}.json").unlink()
    assert photos.file(NAME) is None
    assert photos.file("0" * 64) is None
    assert photos.thumb("0" * 64) is None
