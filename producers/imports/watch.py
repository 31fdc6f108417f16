"""A folder into which agencies put their files: each is imported when it has come whole, then moved out of the way."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from posko import log
from producers.client import Client
from producers.imports.memory import Memory
from producers.imports.run import Import, MappingError, Unusable, mistakes_of
from producers.imports.tables import SUFFIXES

DONE, FAILED = "done", "failed"
STILL_S = 2.0  # a file that did not change for so long has come whole
logger = log.get("imports")


class Folder:
    """Looks at a folder again and again. `now`: seconds since 1970 UTC."""

    def __init__(self, path: Path, importing: Import, client: Client, memory: Memory) -> None:
        self._path, self._import, self._client, self._memory = path, importing, client, memory
        self._seen: dict[Path, tuple[int, int, float]] = {}

    def look(self, now: float, say: Callable[[str], None]) -> int:
        """Import what has come; how many files were finished, well or not."""
        finished = 0
        files = {path: path.stat() for path in sorted(self._path.iterdir()) if self._is_ours(path)}
        self._seen = {path: seen for path, seen in self._seen.items() if path in files}
        for path, stat in files.items():
            size, changed, since = self._seen.get(path, (-1, -1, now))
            if (size, changed) != (stat.st_size, stat.st_mtime_ns):
                self._seen[path] = stat.st_size, stat.st_mtime_ns, now
            elif now - since >= STILL_S:
                self._one(path, say)
                finished += 1
        return finished

    def _is_ours(self, path: Path) -> bool:
        wanted = path.suffix.lower() in SUFFIXES and not path.name.endswith(".errors.csv")
        return wanted and not path.name.startswith((".", "~$")) and path.is_file() and not path.is_symlink()

    def _one(self, path: Path, say: Callable[[str], None]) -> None:
        try:
            outcome = self._import.run(path, self._client, self._memory)
        except (Unusable, MappingError) as error:
            say(f"{path.name}: {error}")
            self._away(path, FAILED)
            return
        already = "; it was imported before" if outcome.again else ""
        say(f"{path.name}: {outcome.sent} reports, {outcome.wrong} wrong rows{already}")
        self._away(path, FAILED if outcome.wrong and not outcome.sent else DONE)

    def _away(self, path: Path, where: str) -> None:
        """Move a file, and its mistakes, into a folder beside it, under a name that is free there."""
        folder = self._path / where
        folder.mkdir(exist_ok=True)
        name, number = path.name, 1
        while (folder / name).exists():
            number += 1
            name = f"{path.stem}-{number}{path.suffix}"
        if (listed := mistakes_of(path)).exists():
            shutil.move(listed, folder / f"{name}.errors.csv")
        os.replace(path, folder / name)
