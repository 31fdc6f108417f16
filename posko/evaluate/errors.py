"""What can be wrong with the files of an evaluation."""

from posko.settings import SettingsError


class EvaluationError(SettingsError):
    """A file cannot be used; the text says which line, why, and what is expected."""
