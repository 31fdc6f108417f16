"""The files of the app as they are served: read once, compressed once, named by a version made from their content."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

FOLDER = Path(__file__).parent / "assets"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webmanifest": "application/manifest+json",
}
# Where a file is not served as /app/NAME.
PATHS = {"index.html": "/", "sw.js": "/sw.js", "manifest.webmanifest": "/manifest.webmanifest"}


@dataclass(frozen=True)
class File:
    """One file: `packed` is `content` compressed with gzip, `tag` its ETag."""

    content: bytes
    packed: bytes
    kind: str
    tag: str


def load(folder: Path = FOLDER) -> Mapping[str, File]:
    """All files by their path on the server. The service worker learns the list of the others and their version."""
    contents = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.suffix in TYPES}
    version = blake2b(repr(sorted(contents.items())).encode(), digest_size=8).hexdigest()
    kept = " ".join(path_of(name) for name in contents if name != "sw.js")
    worker = contents["sw.js"].replace(b"%VERSION%", version.encode()).replace(b"%FILES%", kept.encode())
    return {path_of(name): _file(name, content) for name, content in {**contents, "sw.js": worker}.items()}


def path_of(name: str) -> str:
    """Where a file is on the server."""
    return PATHS.get(name, f"/app/{name}")


def _file(name: str, content: bytes) -> File:
    tag = f'"{blake2b(content, digest_size=12).hexdigest()}"'
    return File(content, gzip.compress(content, 9, mtime=0), TYPES[Path(name).suffix], tag)
