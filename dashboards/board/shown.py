"""From what is known to what is seen: templates with everything that all of them need."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import jinja2
from litestar import MediaType, Request, Response
from litestar.utils.scope.state import ScopeState

from dashboards.board import mask, roles, words
from dashboards.board.parts import Parts
from dashboards.board.situation import Incident
from dashboards.board.words import Words
from posko.incident import ACTION_NAMES, STATUS_NAMES

HERE = Path(__file__).parent
LANGUAGE_COOKIE = "posko_bahasa"
_STATUS_EN = {
    "new": "new", "acknowledged": "in hand", "verified": "verified", "rejected": "rejected", "resolved": "resolved",
    "reopened": "reopened",
}  # fmt: skip
_ACTIONS_EN = {
    "acknowledge": "acknowledged", "verify": "verified", "reject": "rejected", "resolve": "resolved",
    "reopen": "reopened", "assign": "assigned", "refer": "referred", "severity": "changed the severity",
    "escalate": "escalated", "silence": "silenced", "split": "split", "merge": "merged",
    "confirm_link": "confirmed a link", "refuse_link": "refused a link", "note": "noted",
}  # fmt: skip
_SYSTEM = {
    "opened": ("dibuka dari laporan pertama", "opened by its first report"),
    "corroborated": ("dikuatkan instansi lain", "corroborated by another institution"),
    "notified": ("pemberitahuan dikirim", "people were notified"),
    "overdue": ("tenggat terlewat di tingkat provinsi", "deadline missed at province level"),
    "reported_again": ("dilaporkan lagi sesudah ditutup", "reported again after it was closed"),
    "refused": ("tindakan tidak dijalankan", "action not carried out"),
    "escalate": ("naik tingkat karena tenggat", "escalated by a missed deadline"),
    "severity_raised": ("keparahan naik menurut laporan", "severity raised by reports"),
    "place_refined": ("tempat menjadi lebih tepat", "place became more precise"),
}


class Shown:
    """Renders templates in both languages."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._zone = parts.context.election.timezone
        self._secret = parts.database.key("pseudonyms")
        self._rows: dict[tuple[str, int, str], str] = {}
        self.templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.templates.filters |= {
            "jam": self.clock,
            "tanggal": self.date,
            "tutup": mask.text,
            "samaran": lambda reporter: mask.pseudonym(reporter, self._secret),
        }
        self._about = {language: self.about(Words(language)) for language in words.LANGUAGES}
        self.templates.globals |= {"aset": self._asset, "MAY": roles.ROLES}

    def page(self, request: Request, name: str, /, *, status: int = 200, **known: Any) -> Response:
        """A template with the frame of the board around it."""
        about = self._about[language_of(request)]
        t = about["t"]
        user = request.scope.get("user")
        context = {
            **about,
            "user": user,
            "sees_all": user is not None and not user.areas,
            "csrf": ScopeState.from_scope(request.scope).csrf_token or "",
            "path": request.url.path,
            "now": self._parts.now(),
            "in_scripts": {text: t(text) for text in words.IN_SCRIPTS if t(text) != text},
            **known,
        }
        html = self.templates.get_template(name).render(context)
        return Response(html, media_type=MediaType.HTML, status_code=status)

    def row(self, one: Incident, language: str) -> str:
        """One incident in the queue; the same for everybody who reads this language."""
        key = (one.incident_id, one.version, language)
        if key not in self._rows:
            if len(self._rows) > 4000:
                self._rows.clear()
            template = self.templates.get_template("baris.html")
            self._rows[key] = template.render(self._about[language], one=one)
        return self._rows[key]

    def about(self, t: Words) -> dict[str, Any]:
        """Names of everything, in one language."""
        catalog, id_ = self._parts.context.catalog, t.language == "id"
        return {
            "t": t,
            "election": self._parts.context.election,
            "catalog": catalog,
            "category": lambda code: t.named(catalog.categories[code].names) if code in catalog.categories else code,
            "kind": lambda one: self._kind(one, t),
            "agency": lambda code: t.named(catalog.agencies[code].names) if code in catalog.agencies else code,
            "institution": lambda code: (
                t.named(catalog.institutions[code].names) if code in catalog.institutions else code
            ),
            "role": lambda code: t.named(catalog.roles[code].names) if code in catalog.roles else code,
            "status_name": lambda code: STATUS_NAMES.get(code, code) if id_ else _STATUS_EN.get(code, code),
            "step_name": lambda event: step_name(event, t.language),
            "place_name": self._parts.context.regions.name_of,
        }

    def clock(self, ms: int | None) -> str:
        """Local time of the day."""
        return f"{self._local(ms):%H.%M}" if ms else "–"

    def date(self, ms: int | None) -> str:
        """Local date and time."""
        return f"{self._local(ms):%d/%m %H.%M}" if ms else "–"

    def _kind(self, one: Any, t: Words) -> str:
        code, kind = (one["category"], one["kind"]) if isinstance(one, dict) else (one.category, one.kind)
        known = self._parts.context.catalog.categories.get(code)
        return t.named(known.kinds[kind].names) if known and kind in known.kinds else ""

    def _local(self, ms: int) -> datetime:
        return datetime.fromtimestamp(ms / 1000, UTC).astimezone(self._zone)

    def _asset(self, name: str) -> str:
        return f"/aset/{self.version}/{name}"

    @cached_property
    def version(self) -> str:
        """Changes with any asset: browsers keep them for ever under this name."""
        found = sorted((HERE / "assets").iterdir())
        return hashlib.sha256(b"".join(path.read_bytes() for path in found)).hexdigest()[:12]


def step_name(event: dict[str, Any], language: str) -> str:
    """What an event of an incident's log says that somebody did."""
    action = event["action"]
    if action in _SYSTEM and (action != "escalate" or not event["role"]):
        return _SYSTEM[action][language == "en"]
    return str((_ACTIONS_EN if language == "en" else ACTION_NAMES).get(action, action))


def language_of(request: Request) -> str:
    """The language that the browser remembers; Indonesian until somebody switches."""
    return "en" if request.cookies.get(LANGUAGE_COOKIE) == "en" else "id"
