"""Where panels go on a page: each as high up as there is room, then as far left. Grafana's grid has 24 columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from dashboards.grafana.model import Panel

COLUMNS = 24


class Spot(NamedTuple):
    """A panel's place in grid units: from the left, from the top, width, height."""

    x: int
    y: int
    w: int
    h: int


def place(panels: Sequence[Panel]) -> list[Spot]:
    """A spot for each panel, in order. None overlap, none leaves the page."""
    filled = [0] * COLUMNS
    spots = []
    for panel in panels:
        width = min(panel.width, COLUMNS)
        y, x = min((max(filled[left : left + width]), left) for left in range(COLUMNS - width + 1))
        filled[x : x + width] = [y + panel.height] * width
        spots.append(Spot(x, y, width, panel.height))
    return spots
