"""Photos of reports, from where the gateway keeps attachments; how they lie there: docs/officer-app.md."""

from __future__ import annotations

import re
from collections.abc import Iterable

import fsspec
import orjson

SHA256 = re.compile(r"[0-9a-f]{64}")
SHOWN = frozenset({"image/jpeg", "image/png", "image/webp"})  # by the browser; anything else is a download
MAX_BYTES = 32 << 20
MOST = 60  # looked for at a time


class Photos:
    """Reads only. Blocking calls; what cannot be read is not there."""

    def __init__(self, place: str) -> None:
        self._fs, root = fsspec.core.url_to_fs(place)
        self._root = root.rstrip("/")

    def with_thumbs(self, wanted: Iterable[str]) -> set[str]:
        """Which of these files have a small picture."""
        names = [one for one in dict.fromkeys(wanted) if SHA256.fullmatch(one)][:MOST]
        return {name for name in names if self._there(name)}

    def thumb(self, sha256: str) -> bytes | None:
        """The small JPEG of a file."""
        return self._read(self._path(sha256) + ".thumb")

    def file(self, sha256: str) -> tuple[str, bytes] | None:
        """Media type and bytes of a file that is wholly there."""
        try:
            kept = orjson.loads(self._read(self._path(sha256) + ".json") or b"{}")
            if not 0 < kept.get("bytes", 0) <= MAX_BYTES:
                return None
        except orjson.JSONDecodeError:
            return None
        content = self._read(self._path(sha256))
        return (str(kept.get("mime", "")), content) if content is not None else None

    def _there(self, sha256: str) -> bool:
        try:
            return bool(self._fs.exists(self._path(sha256) + ".thumb"))
        except OSError:
            return False

    def _read(self, path: str) -> bytes | None:
        try:
            return bytes(self._fs.cat_file(path))
        except OSError:
            return None

    def _path(self, sha256: str) -> str:
        return f"{self._root}/{sha256[:2]}/{sha256}"
