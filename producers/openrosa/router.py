"""The OpenRosa server interface under /odk: forms for download, submissions with their files.

An officer signs in with id and password (digest), or has a key in the server's address: https://HOST/odk/KEY.
"""

from __future__ import annotations

import asyncio
import hashlib
from datetime import UTC, datetime
from typing import Any

from litestar import Request, Response, Router, get, head, post
from litestar.datastructures import FormMultiDict, UploadFile

from posko import log
from producers.attachments.kinds import NotAccepted, checked
from producers.attachments.store import Kept, Store
from producers.attachments.thumbnail import thumbnail
from producers.gateway.access import address_of
from producers.gateway.errors import Refused
from producers.gateway.parts import Parts
from producers.officers import Officer, Sender
from producers.openrosa import form, listing
from producers.openrosa.accounts import Accounts
from producers.openrosa.digest import Digest
from producers.openrosa.form import Form
from producers.openrosa.submission import Submission, Unreadable, read

MOST_BYTES = 16 << 20  # of one submission; the app sends more files in several
AT_ONCE = 8  # submissions that are read at the same time
SUBMISSION = "xml_submission_file"
INCOMPLETE = "*isIncomplete*"
OPENROSA = {"X-OpenRosa-Version": "1.0", "X-OpenRosa-Accept-Content-Length": str(MOST_BYTES)}
AnyRequest = Request[Any, Any, Any]
XML = "text/xml"
logger = log.get("openrosa")


class Odk:
    """What the handlers share."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.accounts = Accounts(parts.settings.data / "odk.sqlite3")
        self.digest = Digest(lambda: parts.now() / 1000)
        self.store: Store | None = parts.attachments
        self.reading = asyncio.Semaphore(AT_ONCE)
        self._form: Form | None = None
        self._making = asyncio.Lock()

    async def form(self) -> Form:
        """The form, made when it is first asked for."""
        async with self._making:
            if self._form is None:
                self._form = await asyncio.to_thread(form.build, self.parts.context)
            return self._form

    def officer(self, request: AnyRequest) -> Officer | Response[bytes]:
        """Who asks, or the answer that asks them to sign in. Raises Refused (429) for who only guesses."""
        officers, header = self.parts.officers, request.headers.get("authorization", "")
        key = request.path_params.get("key", "")
        if key:
            found = officers.by_token(key)
            outcome = "ok" if found else "wrong"
        else:
            user = self.digest.user(header)
            found = officers.get(user) if user else None
            uri = request.scope["raw_path"].decode("latin-1")
            if query := request.scope["query_string"].decode("latin-1"):
                uri += f"?{query}"
            known = self.accounts.ha1(user) if found else ""
            outcome = self.digest.check(header, request.method, uri, known) if header else "stale"
        if found and outcome == "ok":
            return found
        if outcome == "wrong" and (wait := self.parts.limits.strangers.take(address_of(request))):
            raise Refused(429, "too_many_requests", retry_after=int(wait) + 1, seconds=int(wait) + 1)
        challenge = {} if key else {"WWW-Authenticate": self.digest.challenge(bool(header) and outcome == "stale")}
        said = "Alamat server atau kata sandi salah. Minta yang baru kepada posko."
        return _xml(listing.message(said), 401, challenge)

    def base(self, request: AnyRequest) -> str:
        """The address of this server as the app knows it."""
        known = self.parts.settings.gateway_url.rstrip("/") or str(request.base_url).rstrip("/")
        key = request.path_params.get("key", "")
        return f"{known}/odk/{key}" if key else f"{known}/odk"

    async def take(
        self, officer: Officer, filled: Submission, files: list[UploadFile], complete: bool
    ) -> Response[bytes]:
        """Bring a submission to Kafka, or keep its files until the rest has come."""
        now, sender = self.parts.now(), Sender.of(officer, "odk")
        refused = []
        for file in files:
            try:
                kept = await asyncio.to_thread(self._keep, file, sender, now)
                await asyncio.to_thread(self.accounts.keep_part, filled.report_id, sender.id, kept, now)
            except NotAccepted:
                refused.append(file.filename)
        if not complete:
            return _xml(listing.message("Sebagian diterima; menunggu sisanya."), 201)
        had = await asyncio.to_thread(self.accounts.parts, filled.report_id, sender.id)
        known = await self.form()
        named = [one for one in had if one["name"] in filled.media]
        report = filled.report(datetime.fromtimestamp(now / 1000, UTC), named, known.version)
        self._fit_kind(report)
        [receipt] = await self.parts.acceptance.take([report], sender)
        match receipt.state:
            case "refused":
                return _xml(listing.message(receipt.message), 422)
            case "conflict":
                return _xml(listing.message(receipt.message), 409)
        said = "Laporan diterima posko." if receipt.state == "accepted" else "Laporan ini sudah diterima sebelumnya."
        if refused:
            said += f" {len(refused)} lampiran tidak dapat dibaca dan tidak disimpan."
        if report.get("form_outdated"):
            said += " Formulir Anda sudah lama: ambil yang baru lewat 'Unduh formulir'."
        return _xml(listing.message(said), 201 if receipt.state == "accepted" else 202)

    def _fit_kind(self, report: dict[str, Any]) -> None:
        """A kind that was chosen before the category was changed is no reason to lose the report."""
        category = self.parts.context.catalog.categories.get(report["category"])
        if category and report.get("kind") and report["kind"] not in category.kinds:
            report["kind_chosen"] = report.pop("kind")

    def _keep(self, upload: UploadFile, sender: Sender, now: int) -> dict[str, Any]:
        """Put a file into the store. Raises NotAccepted."""
        file = upload.file
        size = file.seek(0, 2)
        file.seek(0)
        if self.store is None or not size:
            raise NotAccepted("broken")
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        kind = checked(file, size)
        small = thumbnail(file, kind)
        self.store.put(sha256, file, Kept(kind.mime, size, now), small, sender.id)
        return {"sha256": sha256, "mime": kind.mime, "name": (upload.filename or "")[:500], "bytes": size}


def router(parts: Parts) -> Router:
    """The door."""
    odk = Odk(parts)

    @get(["/formList", "/{key:str}/formList"])
    async def form_list(request: AnyRequest) -> Response[bytes]:
        """The forms that an officer may fill in."""
        officer = odk.officer(request)
        if isinstance(officer, Response):
            return officer
        return _xml(listing.form_list([await odk.form()], odk.base(request)))

    @get(["/forms/{form_id:str}/{version:str}/{name:str}", "/{key:str}/forms/{form_id:str}/{version:str}/{name:str}"])
    async def form_file(request: AnyRequest) -> Response[bytes]:
        """The form itself, or the list of its files."""
        officer = odk.officer(request)
        if isinstance(officer, Response):
            return officer
        known, name = await odk.form(), request.path_params["name"]
        if request.path_params["form_id"] != known.id or name not in ("form.xml", "manifest.xml"):
            raise Refused(404, "not_found")
        return _xml(known.xml if name == "form.xml" else listing.manifest(known, odk.base(request)))

    media_path = "/forms/{form_id:str}/{version:str}/media/{name:str}"

    @get([media_path, "/{key:str}" + media_path])
    async def media(request: AnyRequest) -> Response[bytes]:
        """A list of places that belongs to the form."""
        officer = odk.officer(request)
        if isinstance(officer, Response):
            return officer
        known, name = await odk.form(), request.path_params["name"]
        if request.path_params["form_id"] != known.id or name not in known.media:
            raise Refused(404, "not_found")
        return Response(known.media[name], media_type="text/csv", headers=OPENROSA)

    @head(["/submission", "/{key:str}/submission"])
    async def may_submit(request: AnyRequest) -> Response[None]:
        """Asked before a submission: is this the place, and how large may it be."""
        officer = odk.officer(request)
        if isinstance(officer, Response):
            return Response(None, status_code=401, headers=officer.headers)
        return Response(None, status_code=204, headers={**OPENROSA, "Location": f"{odk.base(request)}/submission"})

    @post(["/submission", "/{key:str}/submission"], status_code=201, request_max_body_size=MOST_BYTES)
    async def submit(request: AnyRequest) -> Response[bytes]:
        """A filled-in form with its files."""
        officer = odk.officer(request)
        if isinstance(officer, Response):
            return officer
        if wait := parts.limits.reports.take(officer.id):
            raise Refused(429, "too_many_requests", retry_after=int(wait) + 1, seconds=int(wait) + 1)
        if "multipart/form-data" not in request.headers.get("content-type", ""):
            return _xml(listing.message("Kiriman harus multipart/form-data."), 415)
        async with odk.reading:
            sent = await request.form()
            try:
                return await _submitted(odk, officer, sent)
            except Unreadable as error:
                logger.info("a submission cannot be read", error=str(error))
                return _xml(listing.message(f"Formulir tidak terbaca. ({error})"), 400)
            finally:
                await sent.close()

    return Router("/odk", route_handlers=[form_list, form_file, media, may_submit, submit], include_in_schema=False)


async def _submitted(odk: Odk, officer: Officer, sent: FormMultiDict) -> Response[bytes]:
    pairs = list(sent.multi_items())
    xml = next((value for name, value in pairs if name == SUBMISSION), None)
    if xml is None:
        raise Unreadable(f"the part {SUBMISSION} is missing")
    filled = read(await xml.read() if isinstance(xml, UploadFile) else str(xml).encode())
    if filled.form_id != form.FORM_ID:
        return _xml(listing.message("Formulir ini tidak dikenal posko; unduh formulir dari server ini."), 404)
    files = [value for name, value in pairs if isinstance(value, UploadFile) and name != SUBMISSION]
    complete = not any(name == INCOMPLETE for name, _ in pairs)
    return await odk.take(officer, filled, files, complete)


def _xml(content: bytes, status: int = 200, headers: dict[str, str] | None = None) -> Response[bytes]:
    return Response(content, status_code=status, media_type=XML, headers={**OPENROSA, **(headers or {})})
