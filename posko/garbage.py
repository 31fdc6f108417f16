"""The garbage collector of a process that keeps much for long: regions, state, words."""

from __future__ import annotations

import gc


def look_rarely(young: int, middle: int, old: int) -> None:
    """Take all there is now out of the collector's sight, and let it look at what comes only seldom.

    `young`: objects made and not freed before it looks at them; `middle`: such looks before it looks again at those
    that stayed; `old`: those before it looks at everything. To be called when a process has loaded what it keeps.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(young, middle, old)
