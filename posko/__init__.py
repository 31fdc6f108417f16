"""Posko: reports from election day, turned into incidents that a command post can act on. This package is the domain."""

__version__ = "0.1.0"
