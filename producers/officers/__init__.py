"""Who may send: officers whom a command post enrolled, and how a sender looks to everything behind the door."""

from producers.officers.officer import Officer, Sender
from producers.officers.store import LinkRefused, Officers, PhoneTaken

__all__ = ["LinkRefused", "Officer", "Officers", "PhoneTaken", "Sender"]
