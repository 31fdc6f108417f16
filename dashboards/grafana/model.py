"""What a dashboard is, before it is Grafana's JSON or a page of HTML: pages of panels, panels of columns.

Both renderings, the check and the bench go by these descriptions, so they cannot differ from each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sinks.queries import panels as questions

# Colours that people who see red and green alike can tell apart (Okabe and Ito, 2008).
GREEN, AMBER, RED, BLUE, PURPLE, GREY, DARK = (
    "#009E73",
    "#E69F00",
    "#D55E00",
    "#0072B2",
    "#CC79A7",
    "#6B7280",
    "#9B1C1C",
)

Steps = tuple[tuple[float | None, str], ...]  # a colour from a value on; None: from the least

PLAIN: Steps = ((None, BLUE),)
NONE_IS_GOOD: Steps = ((None, GREEN), (1, AMBER), (10, RED))
MANY_ARE_BAD: Steps = ((None, GREEN), (1, AMBER), (20, RED), (50, DARK))
ANY_IS_BAD: Steps = ((None, GREEN), (1, RED))
GROWING_IS_BAD: Steps = ((None, GREEN), (1, AMBER), (20, RED))
TIME_LEFT: Steps = ((None, RED), (0, AMBER), (15, GREEN))
SEVERITY: Steps = ((None, GREY), (2, BLUE), (3, AMBER), (4, RED), (5, DARK))
SHARE: Steps = ((None, RED), (50, AMBER), (80, GREEN))

COUNT, MINUTES, MILLISECONDS, SECONDS, PERCENT = "short", "m", "ms", "s", "percent"
MOMENT, WORDS = "dateTimeAsLocal", "string"


class Kind(StrEnum):
    """How an answer is shown."""

    STAT = "stat"  # one value of one row
    TABLE = "table"
    SERIES = "timeseries"  # columns over `time`
    BARS = "bargauge"  # a row a bar: one name, one number
    MAP = "geomap"  # a row a point: lat, lng, colour by `worst`, size by `open`


@dataclass(frozen=True)
class Column:
    """A column of an answer. `unit` is Grafana's; `words` say codes for people; `link` names one of links.TO."""

    name: str
    label: str
    unit: str = ""
    steps: Steps = ()
    words: Mapping[str, str] = field(default_factory=dict)
    link: str = ""
    width: int = 0
    colour: str = ""
    hidden: bool = False


@dataclass(frozen=True)
class Panel:
    """One question on a page. `ask` is a file of sinks/queries/grafana; without a `title` it is that file's question.

    `none` is shown when there is nothing; `sparse`: nothing may be the right answer on an ordinary day.
    """

    kind: Kind
    ask: str
    about: str
    columns: tuple[Column, ...]
    width: int
    height: int
    title: str = ""
    none: str = "Tidak ada"
    sparse: bool = False
    stacked: bool = False

    @property
    def question(self) -> str:
        """What the panel answers, as its title says it."""
        return self.title or questions.load(questions.PANELS, self.ask).id

    @property
    def sql(self) -> str:
        """The question's SQL, with Grafana's variables and macros."""
        return questions.load(questions.PANELS, self.ask).sql


@dataclass(frozen=True)
class Page:
    """A dashboard. `chosen` are the variables people choose on it, `fixed` those it sets itself; `wall`: for a screen
    seen from four metres.
    """

    name: str
    title: str
    about: str
    panels: tuple[Panel, ...]
    chosen: tuple[str, ...] = ("kabupaten",)
    fixed: Mapping[str, str] = field(default_factory=dict)
    since: str = "6h"
    refresh: str = "30s"
    wall: bool = False

    @property
    def uid(self) -> str:
        """By which Grafana knows the dashboard."""
        return f"posko-{self.name}"
