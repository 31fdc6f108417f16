"""One incident: everything that is known about it, and everything that can be done."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

from litestar import Request, Response, Router, get, post
from litestar.exceptions import HTTPException, NotFoundException, PermissionDeniedException

from dashboards.board import mask
from dashboards.board.actions import Actions
from dashboards.board.guard import address_of, user_of
from dashboards.board.parts import Parts
from dashboards.board.photos import SHA256, SHOWN
from dashboards.board.queue import Queue
from dashboards.board.roles import UNMASK, may
from dashboards.board.shown import Shown
from dashboards.board.stream import streaming
from dashboards.board.warehouse import AWAY, Row
from posko import log
from posko.incident import allowed

MOST_SIMILAR = 12
SIMILAR_MS = 12 * 3600_000
# The keys of the page; also shown on the buttons.
KEYS = {
    "acknowledge": "a", "verify": "v", "resolve": "s", "reject": "x", "assign": "t", "refer": "r", "note": "c",
    "escalate": "e", "severity": "d", "split": "p", "merge": "g", "silence": "m", "reopen": "b",
}  # fmt: skip


def router(parts: Parts, shown: Shown, queue: Queue) -> Router:
    """`/insiden/...`."""
    actions = Actions(parts)

    async def known(request: Request, incident_id: str) -> dict[str, Any]:
        user = user_of(request)
        try:
            one = await actions.incident(user, incident_id)
            steps, reports = await asyncio.gather(
                parts.warehouse.log(incident_id), parts.warehouse.reports(incident_id)
            )
        except AWAY as error:
            said = "Basis data tidak menjawab; muat ulang sebentar lagi."
            raise HTTPException(said, status_code=503) from error
        wanted = [file["sha256"] for report in reports for file in report["attachments"]]
        pictured = await asyncio.to_thread(parts.photos.with_thumbs, wanted) if wanted else set()
        possible = [] if one["merged_into"] else [name for name in allowed(one["status"]) if may(user.role, name)]
        suggested = [(link, queue.get(link["incident_id"], user.areas)) for link in one["suggested"]]
        return {
            "one": one,
            "state": queue.get(incident_id, user.areas),
            "steps": steps,
            "reports": reports,
            "pictured": pictured,
            "possible": possible,
            "keys": KEYS,
            "suggested": [(link, other) for link, other in suggested if other],
            "similar": similar(queue, user.areas, one, parts.now()),
            "looked": parts.events.of_incident(incident_id),
            "may_unmask": user.role in UNMASK,
            "people": sorted({user.name, *(other.name for other in parts.users.all() if may(other.role, "note"))}),
            "new_id": lambda: str(uuid4()),
        }

    @get("/{incident_id:str}")
    async def page(request: Request, incident_id: str) -> Response:
        return shown.page(request, "insiden.html", **await known(request, incident_id))

    @get("/{incident_id:str}/isi")
    async def content(request: Request, incident_id: str) -> Response:
        return shown.page(request, "insiden_isi.html", **await known(request, incident_id))

    @get("/{incident_id:str}/arus")
    async def stream(request: Request, incident_id: str) -> Response:
        user = user_of(request)

        def news(changed: set[str], everything: bool) -> dict[str, Any]:
            one = queue.get(incident_id, user.areas)
            return {"version": one.version if one else 0, "alarming": queue.figures(user.areas).alarming}

        return streaming(request, parts, news)

    @post("/{incident_id:str}/tindakan", status_code=200)
    async def act(request: Request, incident_id: str) -> Response:
        form = await request.form()
        reports = [str(one) for one in form.getall("report", [])][:200]
        try:
            answer = await actions.take(user_of(request), incident_id, form, reports)
        except AWAY as error:
            said = "Basis data tidak menjawab; tindakan belum dikirim. Coba lagi."
            raise HTTPException(said, status_code=503) from error
        return Response(answer.content())

    @get("/{incident_id:str}/jawaban/{action_id:uuid}")
    async def answer(request: Request, incident_id: str, action_id: Any) -> Response:
        await actions.incident(user_of(request), incident_id)
        return Response((await actions.wait(incident_id, str(action_id))).content())

    @post("/{incident_id:str}/pelapor/{report_id:str}", status_code=200)
    async def unmask(request: Request, incident_id: str, report_id: str) -> Response:
        user = user_of(request)
        if user.role not in UNMASK:
            raise PermissionDeniedException("Peran Anda tidak boleh membuka identitas pelapor.")
        await actions.incident(user, incident_id)
        report = next(
            (row for row in await parts.warehouse.reports(incident_id) if row["report_id"] == report_id), None
        )
        if report is None:
            raise NotFoundException("Laporan itu bukan bagian insiden ini.")
        parts.events.note(user.name, "unmask", parts.now(), address_of(request), report_id, incident_id)
        log.get("dashboards").info("a reporter was unmasked", user=user.name, report=report_id, incident=incident_id)
        return Response({"person": mask.person(report), "text": report["text"]})

    @get("/{incident_id:str}/lampiran/{sha256:str}")
    async def photo(request: Request, incident_id: str, sha256: str) -> Response:
        await actions.incident(user_of(request), incident_id)
        reports = await parts.warehouse.reports(incident_id)
        if not SHA256.fullmatch(sha256) or not any(
            file["sha256"] == sha256 for report in reports for file in report["attachments"]
        ):
            raise NotFoundException("Laporan itu bukan bagian insiden ini.")
        if "kecil" in request.query_params:
            small = await asyncio.to_thread(parts.photos.thumb, sha256)
            found = ("image/jpeg", small) if small is not None else None
        else:
            found = await asyncio.to_thread(parts.photos.file, sha256)
        if found is None:
            raise NotFoundException("Halaman itu tidak ada.")
        mime, content = found
        if mime in SHOWN:
            return Response(content, media_type=mime)
        named = {"content-disposition": f'attachment; filename="{sha256[:12]}"'}
        return Response(content, media_type="application/octet-stream", headers=named)

    return Router("/insiden", route_handlers=[page, content, stream, act, answer, unmask, photo])


def similar(queue: Queue, areas: tuple[str, ...], one: Row, now: int) -> list[Any]:
    """Incidents of the same category near by or of the same kind in the kabupaten, the latest first."""
    found = [
        other
        for other in queue.visible(areas)
        if other.incident_id != one["incident_id"]
        and not other.merged_into
        and other.category == one["category"]
        and (
            (one["district"] and other.district == one["district"])
            or (one["kind"] and other.kind == one["kind"] and other.regency == one["regency"])
        )
        and now - other.updated_at < SIMILAR_MS
    ]
    near = sorted(found, key=lambda other: (other.district != one["district"], not other.is_open, -other.updated_at))
    return near[:MOST_SIMILAR]
