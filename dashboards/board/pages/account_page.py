"""Signing in and out, choosing a password and a language."""

from __future__ import annotations

import asyncio

from litestar import Request, Response, Router, get, post
from litestar.response import Redirect

from dashboards.board.accounts import passwords
from dashboards.board.guard import COOKIE, address_of, user_of
from dashboards.board.parts import Parts
from dashboards.board.shown import LANGUAGE_COOKIE, Shown
from dashboards.board.words import LANGUAGES
from posko import log

AT_ONCE = 2  # passwords checked at the same time: each takes 64 MiB
YEAR_S = 365 * 24 * 3600


def router(parts: Parts, shown: Shown) -> Router:
    """`/masuk`, `/keluar`, `/sandi`, `/bahasa`."""
    hashing = asyncio.Semaphore(AT_ONCE)

    @get("/masuk")
    async def form(request: Request) -> Response:
        return sign_in_page(parts, shown, request)

    @post("/masuk", status_code=200)
    async def sign_in(request: Request) -> Response:
        given = await request.form()
        name, password = str(given.get("name", "")).strip().lower()[:64], str(given.get("password", ""))
        now, address = parts.now(), address_of(request)
        if wait := parts.lockout.wait_ms(name, address, now):
            minutes = -(-wait // 60_000)
            said = f"Terlalu banyak percobaan. Tunggu {minutes} menit, lalu coba lagi."
            return sign_in_page(parts, shown, request, said, 429, name)
        async with hashing:
            right = await asyncio.to_thread(passwords.matches, parts.users.password_of(name), password)
        if not right:
            parts.lockout.failed(name, address, now)
            parts.events.note("", "sign_in_failed", now, address)
            return sign_in_page(parts, shown, request, "Nama akun atau kata sandi salah.", 401, name)
        parts.lockout.succeeded(name)
        parts.sessions.end(request.cookies.get(COOKIE, ""))
        return begin(parts, request, name, inside(str(given.get("ke", ""))))

    @post("/keluar", status_code=200)
    async def sign_out(request: Request) -> Response:
        parts.sessions.end(request.cookies.get(COOKIE, ""))
        parts.events.note(user_of(request).name, "sign_out", parts.now(), address_of(request))
        answer = Redirect("/masuk", status_code=303)
        answer.delete_cookie(COOKIE)
        return answer

    @get("/sandi")
    async def password_form(request: Request) -> Response:
        return shown.page(request, "sandi.html", said="")

    @post("/sandi", status_code=200)
    async def choose(request: Request) -> Response:
        user, given = user_of(request), await request.form()
        old, new, again = (str(given.get(name, "")) for name in ("old", "new", "again"))
        now, address = parts.now(), address_of(request)
        said = "Terlalu banyak percobaan; tunggu sebentar." if parts.lockout.wait_ms(user.name, address, now) else ""
        said = said or ("Kedua kata sandi baru tidak sama." if new != again else passwords.weak(new, user.name))
        if not said:
            async with hashing:
                if not await asyncio.to_thread(passwords.matches, parts.users.password_of(user.name), old):
                    parts.lockout.failed(user.name, address, now)
                    said = "Kata sandi lama salah."
                elif new == old:
                    said = "Kata sandi baru harus lain dari yang lama."
                else:
                    parts.users.choose(user.name, await asyncio.to_thread(passwords.hashed, new))
        if said:
            return shown.page(request, "sandi.html", status=422, said=said)
        parts.events.note(user.name, "password_changed", now, address)
        return begin(parts, request, user.name, "/")

    @post("/bahasa", status_code=200)
    async def language(request: Request) -> Response:
        given = await request.form()
        chosen = str(given.get("bahasa", ""))
        answer = Redirect(inside(str(given.get("ke", ""))), status_code=303)
        answer.set_cookie(
            LANGUAGE_COOKIE, chosen if chosen in LANGUAGES else "id", max_age=YEAR_S, samesite="lax", httponly=True
        )
        return answer

    return Router("/", route_handlers=[form, sign_in, sign_out, password_form, choose, language])


def sign_in_page(
    parts: Parts, shown: Shown, request: Request, said: str = "", status: int = 200, name: str = ""
) -> Response:
    """The form; where to go after it is kept."""
    back = inside(request.query_params.get("ke", ""))
    oidc = bool(parts.settings.oidc_issuer)
    return shown.page(request, "masuk.html", status=status, said=said, name=name, ke=back, oidc=oidc)


def begin(parts: Parts, request: Request, name: str, where: str) -> Response:
    """A new session for whoever has just shown who they are: its token was never seen before."""
    token = parts.sessions.begin(name, parts.now())
    parts.events.note(name, "sign_in", parts.now(), address_of(request))
    log.get("dashboards").info("signed in", user=name)
    answer = Redirect(where, status_code=303)
    secure = parts.settings.board_url.startswith("https:")
    answer.set_cookie(COOKIE, token, httponly=True, secure=secure, samesite="lax", path="/")
    return answer


def inside(address: str) -> str:
    """An address on this board; anything else is its first page."""
    safe = address.startswith("/") and not address.startswith(("//", "/\\")) and "\\" not in address
    return address if safe and all(" " <= char < "\x7f" for char in address) else "/"
