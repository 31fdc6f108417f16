"""Whether a report is about a known event: evidence in points, contradictions, two thresholds. Pure functions, with
reasons."""

from posko.matching.compare import Comparison, Outline, Verdict, compare, judge, outline
from posko.matching.contradictions import exclude
from posko.matching.features import EventFeatures, ReportFeatures, telling
from posko.matching.rules import RuleBook, Rules

__all__ = [
    "Comparison",
    "EventFeatures",
    "Outline",
    "ReportFeatures",
    "RuleBook",
    "Rules",
    "Verdict",
    "compare",
    "exclude",
    "judge",
    "outline",
    "telling",
]
