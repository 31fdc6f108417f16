"""Signing in through an institution's OpenID Connect: authorisation code with PKCE (RFC 7636), state and nonce.

The institution says who somebody is; what they may do is the board's own account, found by the subject or the verified
e-mail address that `posko board user add --oidc` gave it.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, cast

import httpx
from authlib.integrations.httpx_client import AsyncOAuth2Client
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization
from litestar import Request, Response, Router, get
from litestar.response import Redirect

from dashboards.board.accounts.users import User
from dashboards.board.guard import address_of
from dashboards.board.pages.account_page import begin, inside, sign_in_page
from dashboards.board.parts import Parts
from dashboards.board.shown import Shown
from posko import log
from posko.errors import first_line

STATE_COOKIE = "posko_oidc"
BEGUN_MS = 10 * 60_000  # how long somebody may take at the institution
MOST_BEGUN = 500
ANSWER_S = 5.0
LEEWAY_S = 60
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]


class NotSignedIn(Exception):
    """The institution, or what it said, cannot be relied on; the text is for the log."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in that was sent to the institution."""

    verifier: str
    nonce: str
    back: str
    at: int


def router(parts: Parts, shown: Shown) -> Router:
    """`/masuk/oidc` and `/masuk/oidc/kembali`; without a configured institution they lead back to `/masuk`."""
    begun: OrderedDict[str, Begun] = OrderedDict()
    settings = parts.settings
    here = f"{settings.board_address}/masuk/oidc/kembali"

    def client() -> AsyncOAuth2Client:
        return AsyncOAuth2Client(
            settings.oidc_client,
            settings.oidc_secret.get_secret_value() or None,
            scope="openid email",
            redirect_uri=here,
            code_challenge_method="S256",
            timeout=ANSWER_S,
            trust_env=False,
        )

    async def about(session: AsyncOAuth2Client) -> dict[str, Any]:
        address = f"{settings.oidc_issuer.rstrip('/')}/.well-known/openid-configuration"
        answer = await session.request("GET", address, withhold_token=True)
        known: dict[str, Any] = answer.raise_for_status().json()
        if known.get("issuer") != settings.oidc_issuer:
            raise NotSignedIn("the issuer that the institution names is not the configured one")
        return known

    @get("/masuk/oidc")
    async def leave(request: Request) -> Response:
        if not settings.oidc_issuer:
            return Redirect("/masuk", status_code=303)
        now, verifier, nonce = parts.now(), secrets.token_urlsafe(48), secrets.token_urlsafe(24)
        try:
            async with client() as session:
                known = await about(session)
                where, state = session.create_authorization_url(
                    known["authorization_endpoint"], code_verifier=verifier, nonce=nonce
                )
        except (httpx.HTTPError, NotSignedIn, ValueError, KeyError) as error:
            return failed(request, error)
        while begun and (len(begun) >= MOST_BEGUN or now - next(iter(begun.values())).at > BEGUN_MS):
            begun.popitem(last=False)
        begun[state] = Begun(verifier, nonce, inside(request.query_params.get("ke", "")), now)
        answer = Redirect(where, status_code=303)
        secure = settings.board_url.startswith("https:")
        answer.set_cookie(
            STATE_COOKIE, state, max_age=BEGUN_MS // 1000, httponly=True, samesite="lax", secure=secure, path="/masuk"
        )
        return answer

    @get("/masuk/oidc/kembali")
    async def back(request: Request) -> Response:
        state = request.query_params.get("state", "")
        known = begun.pop(state, None) if state == request.cookies.get(STATE_COOKIE) else None
        if known is None or parts.now() - known.at > BEGUN_MS:
            return failed(request, NotSignedIn("unknown or old state"))
        try:
            user = await who(request.query_params.get("code", ""), known)
        except Exception as error:  # whatever a stranger's server makes our libraries raise
            return failed(request, error)
        if user is None:
            said = "Akun lembaga Anda belum terdaftar di papan ini; hubungi pengelola posko."
            return sign_in_page(parts, shown, request, said, 403)
        return begin(parts, request, user.name, known.back)

    async def who(code: str, known: Begun) -> User | None:
        async with client() as session:
            institution = await about(session)
            token = await session.fetch_token(
                institution["token_endpoint"], code=code, code_verifier=known.verifier, grant_type="authorization_code"
            )
            keys = await session.request("GET", institution["jwks_uri"], withhold_token=True)
        claims = checked(token["id_token"], keys.raise_for_status().json(), known.nonce)
        user = parts.users.by_oidc(str(claims["sub"]))
        if user is None and claims.get("email_verified") is True:
            user = parts.users.by_oidc(str(claims.get("email", "")).lower())
        return user if user and not user.disabled else None

    def checked(token: str, keys: dict[str, Any], nonce: str) -> dict[str, Any]:
        """The claims of an ID token that is signed by the institution, for us, now, and for this sign-in."""
        try:
            decoded = jwt.decode(token, KeySet.import_key_set(cast(KeySetSerialization, keys)), algorithms=ALGORITHMS)
            jwt.JWTClaimsRegistry(
                leeway=LEEWAY_S,
                iss={"essential": True, "value": settings.oidc_issuer},
                aud={"essential": True, "value": settings.oidc_client},
                exp={"essential": True},
                sub={"essential": True},
                nonce={"essential": True, "value": nonce},
            ).validate(decoded.claims)
        except (JoseError, ValueError) as error:
            raise NotSignedIn(f"the ID token is not valid: {type(error).__name__}") from error
        return dict(decoded.claims)

    def failed(request: Request, error: Exception) -> Response:
        parts.events.note("", "oidc_failed", parts.now(), address_of(request))
        log.get("dashboards").warning(
            "sign-in through OpenID Connect failed", issuer=settings.oidc_issuer, error=first_line(error)
        )
        said = "Masuk lewat lembaga tidak berhasil. Coba lagi, atau masuk dengan akun papan."
        return sign_in_page(parts, shown, request, said, 502)

    return Router("/", route_handlers=[leave, back])
