"""An incident as the queue and the map have it, and how urgent it is. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from posko.incident import OPEN

SOON_MS = 15 * 60_000  # a deadline this near is shown as one that is about to be missed
CRITICAL = 5  # severity
HIGH = 4
WAITING = frozenset({"new", "reopened"})  # nobody has it yet


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident's latest state, without its reports. Times are ms since 1970; null deadlines are 0."""

    incident_id: str
    version: int
    status: str
    category: str
    kind: str
    title: str
    summary: str
    severity: int
    confidence: str
    province: str
    regency: str
    district: str
    village: str
    place_name: str
    reports: int
    reporters: int
    institutions: int
    opened_at: int
    updated_at: int
    lead_agency: str
    support_agencies: tuple[str, ...]
    assigned_to: str
    ack_due: int
    resolve_due: int
    escalation: int
    merged_into: str
    reports_since_closed: int
    linked: bool  # somebody should say whether it is the same as another
    contradicted: bool

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def waits(self) -> bool:
        """Whether nobody has acknowledged it."""
        return self.status in WAITING

    @property
    def due(self) -> int:
        """The deadline that runs now, in ms; 0: none."""
        return 0 if not self.is_open else self.ack_due if self.waits else self.resolve_due

    @property
    def alarming(self) -> bool:
        """Worth a sound: as severe as it gets, and nobody has it."""
        return self.severity >= CRITICAL and self.waits

    def deadline(self, now: int) -> str:
        """`late`, `soon`, `ok`, or `none` when no deadline runs."""
        if not self.due:
            return "none"
        return "late" if self.due < now else "soon" if self.due < now + SOON_MS else "ok"

    def heat(self, now: int) -> int:
        """0 burns: critical and in nobody's hands, or severe and late; 1 late; 2 late soon; 3 the others; 4 closed."""
        if not self.is_open:
            return 4
        late = self.deadline(now) == "late"
        if self.alarming or (late and self.severity >= HIGH):
            return 0
        return 1 if late else 2 if self.deadline(now) == "soon" else 3

    def rank(self, now: int) -> tuple[int, int, int, str]:
        """What to do first sorts first."""
        return (self.heat(now), -self.severity, self.due or -self.updated_at, self.incident_id)


@dataclass(frozen=True, slots=True)
class Figures:
    """What the strip above the queue says of the incidents that somebody sees."""

    open: int = 0
    alarming: int = 0
    late: int = 0
    soon: int = 0
    waiting: int = 0

    @classmethod
    def of(cls, incidents: list[Incident], now: int) -> Figures:
        """Counts over open incidents."""
        found = [one for one in incidents if one.is_open]
        states = [one.deadline(now) for one in found]
        return cls(
            len(found),
            sum(one.alarming for one in found),
            states.count("late"),
            states.count("soon"),
            sum(one.waits for one in found),
        )
