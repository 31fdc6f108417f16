"""The catalogue: what can be reported, who reports, who acts on it, how fast. The data is `posko/data/catalog.yaml`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from posko.catalog_check import problems
from posko.settings import SettingsError

BUILTIN = Path(__file__).parent / "data" / "catalog.yaml"
SEVERITIES = (1, 2, 3, 4, 5)
OPEN_HOURS = 72  # where the catalogue does not say

Names = dict[str, str]  # {"id": Indonesian, "en": English}


class CatalogError(SettingsError):
    """A catalogue cannot be used; the text lists everything that is wrong with it."""


@dataclass(frozen=True, slots=True)
class Agency:
    """Who acts on incidents."""

    code: str
    names: Names


@dataclass(frozen=True, slots=True)
class Institution:
    """Where reporters belong: reports of different institutions corroborate each other."""

    code: str
    names: Names


@dataclass(frozen=True, slots=True)
class Role:
    """What a reporter is; `institution` is the usual one of people in this role."""

    code: str
    names: Names
    institution: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of event inside a category. Agencies, `travels` and `open_hours` are the category's unless the file says
    otherwise."""

    code: str
    names: Names
    severity: int  # when the reporter gives none
    at_tps: bool  # it happens at one polling station
    travels: bool
    lead_agency: str
    support_agencies: tuple[str, ...]
    open_hours: int  # how long after an incident's last report a new one can still belong to it


@dataclass(frozen=True, slots=True)
class Category:
    """A category of reports."""

    code: str
    names: Names
    severity: int  # of a report with neither severity nor kind
    travels: bool  # a claim that moves: matched in the whole province
    lead_agency: str
    support_agencies: tuple[str, ...]
    deadlines: dict[int, tuple[int, int]]  # severity -> (minutes to acknowledge, minutes to resolve)
    phases: dict[str, float]  # phase of the day -> what its deadlines are multiplied by; other phases: 1
    kinds: dict[str, Kind]
    open_hours: int  # the same as a kind's, while nobody named the kind

    def minutes(self, severity: int, phase: str) -> tuple[int, int]:
        """Minutes to acknowledge and to resolve an incident of this severity that began in this phase; at least 1."""
        factor = self.phases.get(phase, 1.0)
        acknowledge, resolve = self.deadlines[severity]
        return max(1, round(acknowledge * factor)), max(1, round(resolve * factor))


@dataclass(frozen=True, slots=True)
class Notifications:
    """How people are told of incidents that wait, in groups: of one kind, in one kecamatan, at one level."""

    wait_s: int  # after a group's first incident, for others to gather
    interval_s: int  # between two notifications of one group when incidents are added
    repeat_s: int  # until a group is told again when nothing changed and it still waits
    repeats: int  # at most, without anything new
    quiet_from: str  # local time, HH:MM; the same as `quiet_to`: never quiet
    quiet_to: str
    quiet_below: int  # in quiet hours, groups less severe than this wait until they end


@dataclass(frozen=True, slots=True)
class Catalog:
    """Everything by code, in the file's order."""

    agencies: dict[str, Agency]
    institutions: dict[str, Institution]
    roles: dict[str, Role]
    categories: dict[str, Category]
    notifications: Notifications

    @classmethod
    def load(cls, path: Path | None = None) -> Catalog:
        """The built-in catalogue, or that of `path`, which with `extends: builtin` only names what it adds or changes.

        Raises CatalogError with every problem found: unknown agencies, missing severities, names in one language...
        """
        content = _read(path or BUILTIN)
        if content.pop("extends", None) == "builtin":
            content = _merged(_read(BUILTIN), content)
        if found := problems(content):
            raise CatalogError(f"Catalogue {path or BUILTIN} cannot be used:\n  " + "\n  ".join(found))
        return cls(
            agencies={code: Agency(code, _names(entry)) for code, entry in content["agencies"].items()},
            institutions={code: Institution(code, _names(entry)) for code, entry in content["institutions"].items()},
            roles={code: Role(code, _names(entry), entry["institution"]) for code, entry in content["roles"].items()},
            categories={code: _category(code, entry) for code, entry in content["categories"].items()},
            notifications=Notifications(**content["notifications"]),
        )


def _read(path: Path) -> dict[str, Any]:
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a SafeLoader
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise CatalogError(f"Catalogue {path} cannot be read: {error}") from error
    if not isinstance(content, dict):
        raise CatalogError(
            f"Catalogue {path} cannot be used: it is not a mapping with agencies, institutions, roles, categories"
        )
    return content


class _Loader(yaml.SafeLoader):
    """YAML in which a key that stands twice in one mapping is an error: PyYAML would silently keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        if twice := sorted({key for key in keys if keys.count(key) > 1}):
            raise yaml.constructor.ConstructorError(None, None, f"{', '.join(twice)} is there twice", node.start_mark)
        return super().construct_mapping(node, deep)


def _merged(base: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """`base` with what `change` adds or replaces; mappings are merged, everything else is replaced whole."""
    merged = dict(base)
    for key, value in change.items():
        old = merged.get(key)
        merged[key] = _merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return merged


def _names(entry: dict[str, Any]) -> Names:
    return {"id": entry["id"], "en": entry["en"]}


def _category(code: str, entry: dict[str, Any]) -> Category:
    return Category(
        code=code,
        names=dict(entry["names"]),
        severity=entry["severity"],
        travels=entry.get("travels", False),
        lead_agency=entry["lead_agency"],
        support_agencies=tuple(entry["support_agencies"]),
        deadlines={severity: (ack, resolve) for severity, (ack, resolve) in sorted(entry["deadlines"].items())},
        phases=dict(entry.get("phases", {})),
        kinds={kind: _kind(kind, fields, entry) for kind, fields in entry["kinds"].items()},
        open_hours=entry.get("open_hours", OPEN_HOURS),
    )


def _kind(code: str, entry: dict[str, Any], category: dict[str, Any]) -> Kind:
    return Kind(
        code=code,
        names=_names(entry),
        severity=entry["severity"],
        at_tps=entry.get("at_tps", False),
        travels=entry.get("travels", category.get("travels", False)),
        lead_agency=entry.get("lead_agency", category["lead_agency"]),
        support_agencies=tuple(entry.get("support_agencies", category["support_agencies"])),
        open_hours=entry.get("open_hours", category.get("open_hours", OPEN_HOURS)),
    )
