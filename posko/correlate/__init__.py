"""Which reports are about the same event: the state of one partition, changed report by report in order."""

from posko.correlate.clock import OtherFormat
from posko.correlate.correlator import Correlator, Outcome

__all__ = ["Correlator", "OtherFormat", "Outcome"]
