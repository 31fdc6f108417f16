"""Posko: reports from election day, turned into incidents that a command post can act on. Here: the domain."""

__version__ = "0.1.0"
