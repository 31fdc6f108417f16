"""Hand-over: what one shift leaves for the next, with the figures of that moment."""

from __future__ import annotations

from dataclasses import asdict

from litestar import Request, Response, Router, get, post
from litestar.exceptions import NotFoundException, PermissionDeniedException
from litestar.response import Redirect

from dashboards.board.accounts.handovers import MAX_TEXT
from dashboards.board.accounts.users import User
from dashboards.board.filters import Filter
from dashboards.board.guard import user_of
from dashboards.board.parts import Parts
from dashboards.board.queue import Queue
from dashboards.board.roles import HAND_OVER
from dashboards.board.shown import Shown
from posko.regions import codes

MOST_CARRIED = 10  # incidents that are named in a note


def router(parts: Parts, shown: Shown, queue: Queue) -> Router:
    """`/serah`."""

    def area_of(user: User) -> str:
        return codes.common(user.areas) if user.areas else ""

    def sees_note(user: User, area: str) -> bool:
        return not user.areas or any(codes.related(own, area) for own in user.areas if area)

    @get("/serah")
    async def page(request: Request) -> Response:
        user = user_of(request)
        notes = [note for note in parts.handovers.latest() if sees_note(user, note["area"])]
        burning = queue.listed(user.areas, Filter())[:MOST_CARRIED]
        return shown.page(
            request,
            "serah.html",
            notes=notes,
            burning=burning,
            figures=queue.figures(user.areas),
            may_write=user.role in HAND_OVER,
        )

    @post("/serah", status_code=200)
    async def leave(request: Request) -> Response:
        user, form = user_of(request), await request.form()
        if user.role not in HAND_OVER:
            raise PermissionDeniedException("Peran Anda tidak boleh menulis serah terima.")
        text = str(form.get("text", "")).strip()[:MAX_TEXT]
        if text:
            burning = queue.listed(user.areas, Filter())[:MOST_CARRIED]
            figures = asdict(queue.figures(user.areas)) | {"incidents": [one.incident_id for one in burning]}
            parts.handovers.leave(user.name, area_of(user), text, figures, parts.now())
        return Redirect("/serah", status_code=303)

    @post("/serah/{number:int}/terima", status_code=200)
    async def take(request: Request, number: int) -> Response:
        user, note = user_of(request), parts.handovers.get(number)
        if user.role not in HAND_OVER:
            raise PermissionDeniedException("Peran Anda tidak boleh menerima serah terima.")
        if note is None or not sees_note(user, note["area"]):
            raise NotFoundException("Catatan itu tidak ada.")
        parts.handovers.take(number, user.name, parts.now())
        return Redirect("/serah", status_code=303)

    return Router("/", route_handlers=[page, leave, take])
