"""What field Indonesian says, in a form that two texts can be compared by: meanings, numbers with their type,
negation."""

from posko.text.reading import AT_LAST, MAX_TOKENS, denials, meanings, normalise
from posko.text.words import Words, is_everyday, spoken

__all__ = ["AT_LAST", "MAX_TOKENS", "Words", "denials", "is_everyday", "meanings", "normalise", "spoken"]
