"""Where attachments are kept: a folder, or anything else that fsspec opens (`s3://bucket/posko`). Blocking calls.

ab/abcd...        the bytes, named by their SHA-256
ab/abcd....thumb  a small JPEG, where there is one
ab/abcd....by/    one empty file for each person who sent it: they may fetch it again
ab/abcd....json   {"mime", "bytes", "at"}; written last: without it the file is not there
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import fsspec
import msgspec
from fsspec.implementations.local import LocalFileSystem

from posko.settings import SettingsError

CHUNK = 1 << 18


class Kept(msgspec.Struct, frozen=True):
    """A file that is kept: `bytes` is its size, `at` milliseconds since 1970 UTC of its first arrival."""

    mime: str
    bytes: int
    at: int


class Store:
    """Files by their SHA-256 (64 lower-case hexadecimal digits)."""

    def __init__(self, place: str | Path, **options: Any) -> None:
        """`place`: a folder, made when needed, or a URL of fsspec's; `options` go to its file system.

        Raises SettingsError when there is no such file system.
        """
        url = str(place)
        try:
            self._fs, root = fsspec.core.url_to_fs(url, **options)
        except (ImportError, ValueError) as error:
            raise SettingsError(f"POSKO_ATTACHMENTS={url!r} cannot be used: {error}") from error
        self._root = root.rstrip("/")
        self._local = isinstance(self._fs, LocalFileSystem)

    def find(self, sha256: str, sender: str) -> Kept | None:
        """The file that this sender (an officer's id) sent before; None when there is none of theirs."""
        try:
            if not self._fs.exists(self._by(sha256, sender)):
                return None
            kept = msgspec.json.decode(self._fs.cat_file(self._path(sha256, ".json")), type=Kept)
            return kept if self._fs.size(self._path(sha256)) == kept.bytes else None
        except (FileNotFoundError, msgspec.DecodeError):
            return None

    def put(self, sha256: str, file: IO[bytes], kept: Kept, thumb: bytes | None, sender: str) -> None:
        """Keep a file whose hash was checked. When this returns it survives a power cut; a repeat is harmless.

        Raises OSError when it cannot be kept.
        """
        self._fs.makedirs(self._path(sha256).rpartition("/")[0], exist_ok=True)
        file.seek(0)
        with self._fs.open(self._path(sha256), "wb") as target:
            shutil.copyfileobj(file, target, CHUNK)
            if self._local:
                target.flush()
                os.fsync(target.fileno())
        if thumb is not None:
            self._write(self._path(sha256, ".thumb"), thumb)
        self._fs.makedirs(self._by(sha256, sender).rpartition("/")[0], exist_ok=True)
        self._write(self._by(sha256, sender), b"")
        self._write(self._path(sha256, ".json"), msgspec.json.encode(kept))

    def read(self, sha256: str) -> Iterator[bytes]:
        """The bytes of a file that was found, in pieces. Raises FileNotFoundError at the first."""
        with self._fs.open(self._path(sha256), "rb") as source:
            while piece := source.read(CHUNK):
                yield piece

    def thumb(self, sha256: str) -> bytes | None:
        """The small JPEG of a file that was found; None without one."""
        try:
            return bytes(self._fs.cat_file(self._path(sha256, ".thumb")))
        except FileNotFoundError:
            return None

    def _write(self, path: str, content: bytes) -> None:
        with self._fs.open(path, "wb") as target:
            target.write(content)
            if self._local:
                target.flush()
                os.fsync(target.fileno())

    def _path(self, sha256: str, suffix: str = "") -> str:
        return f"{self._root}/{sha256[:2]}/{sha256}{suffix}"

    def _by(self, sha256: str, sender: str) -> str:
        return self._path(sha256, f".by/{hashlib.sha256(sender.encode()).hexdigest()[:32]}")
