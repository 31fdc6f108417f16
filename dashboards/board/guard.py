"""Every request: who it comes from, whether it may; and what every answer forbids the browser."""

from __future__ import annotations

from urllib.parse import quote

from litestar import Request, Response
from litestar.connection import ASGIConnection
from litestar.datastructures import MutableScopeHeaders
from litestar.exceptions import HTTPException, NotAuthorizedException
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult
from litestar.response import Redirect
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from dashboards.board.accounts.users import User
from dashboards.board.parts import Parts
from dashboards.board.shown import Shown, language_of
from dashboards.board.words import Words
from posko import log

COOKIE = "posko_board"
PUBLIC = ("^/masuk", "^/aset", "^/bahasa")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


# What the framework says, in words for people.
_THEIRS = {
    "CSRF token verification failed": "Formulir ini sudah lama; muat ulang halaman, lalu coba lagi.",
    "Not Found": "Halaman itu tidak ada.",
    "Method Not Allowed": "Halaman itu tidak ada.",
}


class SignedIn(AbstractAuthenticationMiddleware):
    """The account behind a request, from its session. A stream that stays open is no sign of life."""

    def __init__(self, app: ASGIApp, parts: Parts) -> None:
        super().__init__(app, exclude=list(PUBLIC), scopes=None)
        self._parts = parts

    async def authenticate_request(self, connection: ASGIConnection) -> AuthenticationResult:
        token = connection.cookies.get(COOKIE, "")
        path = connection.url.path
        user = self._parts.sessions.whose(token, self._parts.now(), active=not path.endswith("/arus"))
        if user is None:
            raise NotAuthorizedException("Sesi berakhir; masuk lagi.")
        if user.must_change and path not in ("/sandi", "/keluar"):
            raise MustChange
        return AuthenticationResult(user, token)


class MustChange(HTTPException):
    """The account has its one-time password still."""

    status_code = 403
    detail = "Ganti kata sandi lebih dahulu."


class Headers:
    """Adds HEADERS to every answer that has none of its own; pages are not kept by the browser, assets are."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableScopeHeaders.from_message(message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                kept = scope["path"].startswith("/aset/") and message["status"] == 200
                headers["cache-control"] = "public, max-age=31536000, immutable" if kept else "no-store"
            await send(message)

        await self._app(scope, receive, sent)


def user_of(request: Request) -> User:
    """Who asks."""
    user = request.user
    assert isinstance(user, User)
    return user


def address_of(request: Request) -> str:
    """Where from."""
    return request.client.host if request.client else ""


def is_fetch(request: Request) -> bool:
    """Whether a script asks, which wants JSON, and no page."""
    return request.headers.get("x-posko") == "1"


class Refusals:
    """What is answered when something may not be, or went wrong."""

    def __init__(self, shown: Shown) -> None:
        self._shown = shown

    def refused(self, request: Request, error: HTTPException) -> Response:
        """A known refusal: for people a page or a redirect, for scripts JSON."""
        said = _THEIRS.get(error.detail, error.detail)
        if is_fetch(request) or request.url.path.endswith("/arus"):
            text = Words(language_of(request))(said)
            return Response({"text": text, "state": "error"}, status_code=error.status_code)
        if isinstance(error, MustChange):
            return Redirect("/sandi", status_code=303)
        if error.status_code == 401:
            back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            where = f"/masuk?ke={quote(back, safe='')}" if request.method == "GET" else "/masuk"
            return Redirect(where, status_code=303)
        return self._shown.page(request, "galat.html", status=error.status_code, said=said)

    def broken(self, request: Request, error: Exception) -> Response:
        """Our own mistake: the log has where, never what was in the request."""
        log.get("dashboards").error("a page failed", route=request.scope.get("path_template", ""), exc_info=error)
        said = "Ada kesalahan di papan; coba lagi. Bila berulang, beri tahu pengelola."
        if is_fetch(request):
            return Response({"text": said, "state": "error"}, status_code=500)
        return self._shown.page(request, "galat.html", status=500, said=said)
