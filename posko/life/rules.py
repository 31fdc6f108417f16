"""What the catalogue says about an incident's severity and deadlines."""

from __future__ import annotations

from typing import Any

from posko.catalog import Catalog, Category

_UNKNOWN_SEVERITY = 3


class Rules:
    """Severity and deadlines by category, kind, severity and phase. A category that the catalogue no longer has is
    treated as its first one: such reports are old."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._first = next(iter(catalog.categories.values()))
        self.notifications = catalog.notifications

    def minutes(self, state: dict[str, Any], severity: int | None = None) -> tuple[int, int]:
        """Minutes to acknowledge and to resolve, for the state's severity or another one."""
        return self._category(state).minutes(severity or state["severity"], state["phase"])

    def usual(self, state: dict[str, Any]) -> int:
        """The severity that incidents of this kind usually have."""
        category = self._category(state)
        kind = category.kinds.get(state["kind"])
        return kind.severity if kind else category.severity

    def name(self, state: dict[str, Any]) -> str:
        """The Indonesian name of the kind, else of the category, else the category's code."""
        category = self._catalog.categories.get(state["category"])
        if category is None:
            return str(state["category"])
        return (category.kinds.get(state["kind"]) or category).names["id"]

    def agency(self, code: str) -> bool:
        """Whether the catalogue has this agency."""
        return code in self._catalog.agencies

    def agencies(self) -> list[str]:
        """The codes of all agencies."""
        return list(self._catalog.agencies)

    def _category(self, state: dict[str, Any]) -> Category:
        return self._catalog.categories.get(state["category"], self._first)
