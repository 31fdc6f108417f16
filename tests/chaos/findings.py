"""What an audit found: for each check how much it looked at, and what was lost, doubled or otherwise wrong."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Literal

SHOWN = 10  # examples kept of each kind of fault of a check

Fault = Literal["lost", "doubled", "wrong"]
FAULTS: tuple[Fault, ...] = ("lost", "doubled", "wrong")


@dataclass
class Check:
    """One promise. `looked` counts what it was checked for; `examples` are sentences that name what is at fault."""

    looked: int = 0
    faults: dict[Fault, int] = field(default_factory=lambda: dict.fromkeys(FAULTS, 0))
    examples: list[str] = field(default_factory=list)

    def add(self, fault: Fault, what: str) -> None:
        """Note a fault."""
        self.faults[fault] += 1
        if self.faults[fault] <= SHOWN:
            self.examples.append(f"{fault}: {what}")


@dataclass
class Findings:
    """Checks by their promise, in the order in which they were made; `notes` are figures that are no fault."""

    checks: dict[str, Check] = field(default_factory=lambda: defaultdict(Check))
    notes: dict[str, str] = field(default_factory=dict)

    def check(self, promise: str) -> Check:
        """The check of that promise."""
        return self.checks[promise]

    def total(self, fault: Fault) -> int:
        """Faults of that kind in all checks."""
        return sum(check.faults[fault] for check in self.checks.values())

    @property
    def sound(self) -> bool:
        """Nothing is at fault, and there was something to look at."""
        return any(check.looked for check in self.checks.values()) and not any(map(self.total, FAULTS))
