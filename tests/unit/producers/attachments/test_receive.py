"""A body is taken in piece by piece, and turned away as soon as it is clear that it will not be kept."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from producers.attachments.kinds import MIB, NotAccepted
from producers.attachments.receive import receive


class Body:
    """A body in pieces; `sent`: how many were asked for."""

    def __init__(self, first: bytes, more: int = 0, size: int = MIB) -> None:
        self._first, self._more, self._size, self.sent = first, more, size, 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in [self._first, *[b"\0" * self._size] * self._more]:
            self.sent += 1
            yield piece


async def test_the_hash_is_that_of_all_pieces(tmp_path: Path) -> None:
    got = await receive(aiter(Body(b"OggS....", 2, 1000)), tmp_path)
    with got.file:
        assert got.file.read() == b""
        got.file.seek(0)
        content = got.file.read()
    assert got.size == len(content) == 2008
    assert got.sha256 == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    ("first", "reason", "pieces"),
    [(b"<html>" * 12, "unknown_type", 1), (b"%PDF-1.7" * 8, "too_large", 11), (b"OggS" * 16, "too_large", 26)],
    ids=["unknown-at-the-first-bytes", "pdf-beyond-10-MiB", "any-beyond-25-MiB"],
)
async def test_no_more_is_read_than_needed_to_refuse(tmp_path: Path, first: bytes, reason: str, pieces: int) -> None:
    body = Body(first, 100)
    with pytest.raises(NotAccepted, match=reason):
        await receive(aiter(body), tmp_path)
    assert body.sent == pieces


async def test_an_empty_body_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(NotAccepted, match="broken"):
        await receive(aiter(Body(b"")), tmp_path)
