"""Questions of Grafana: of panels (`grafana/NAME.sql`) and of alert rules (`alerts/NAME.sql`).
The situation report (`sitrep/NAME.sql`) asks in the same way.

They begin as the saved questions do (`-- id:`, `-- en:`) but have no parameters of ClickHouse's: what may be chosen are
Grafana's variables (`${kabupaten:singlequote}`) and the macros of its ClickHouse plugin (`$__timeFilter(at)`). The
Indonesian question is the panel's title unless the panel has its own. Pure: reads files of its folder.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from sinks.queries import FOLDER, UnknownQuery

PANELS, ALERTS, SITREP = "grafana", "alerts", "sitrep"
_HEADER = re.compile(r"--\s*(id|en):\s*(.+)")


@dataclass(frozen=True)
class Asked:
    """A question of Grafana. `id` and `en` say what it answers."""

    name: str
    id: str
    en: str
    sql: str


def names(folder: str) -> list[str]:
    """The names of all questions in PANELS, ALERTS or SITREP."""
    return sorted(path.stem for path in (FOLDER / folder).glob("*.sql"))


@cache
def load(folder: str, name: str) -> Asked:
    """The question of that name. Raises UnknownQuery; ValueError when its file does not say what it answers."""
    if name not in names(folder):
        raise UnknownQuery(f"There is no question {folder}/{name}.sql; there are: {', '.join(names(folder))}")
    lines = (FOLDER / folder / f"{name}.sql").read_text(encoding="utf-8").splitlines()
    told = [match for line in lines[:2] if (match := _HEADER.fullmatch(line))]
    if [match[1] for match in told] != ["id", "en"]:
        raise ValueError(f"{folder}/{name}.sql: begin with the lines `-- id: ...` and `-- en: ...`")
    return Asked(name, told[0][2].strip(), told[1][2].strip(), "\n".join(lines[2:]).strip())
