"""Whatever the OpenAPI description allows, and much that it does not, is answered as the description says."""

from __future__ import annotations

from typing import Any

import httpx
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import checks

from .gateway_process import OFFICER, Gateway, gateway

__all__ = ["gateway"]  # a fixture
CHECKS = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]
PUBLIC = {"/api/v1/session", "/api/v1/public/challenge", "/api/v1/public/reports"}


BOUNDED = settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def test_every_operation_answers_as_described(gateway: Gateway) -> None:
    described = schemathesis.openapi.from_url(f"{gateway.url}/schema/openapi.json")
    asked = []
    with httpx.Client(base_url=gateway.url, timeout=30) as client:
        for found in described.include(path_regex="^/api/v1/(?!att)").get_all_operations():
            token = gateway.officers.make_token(OFFICER.id, 1)  # of its own: one of the operations ends it
            _ask(client, found.ok(), token)
            asked.append(found.ok().label)
    assert len(asked) >= 8


def _ask(client: httpx.Client, operation: Any, token: str) -> None:
    @BOUNDED
    @given(case=operation.as_strategy())
    def ask(case: schemathesis.Case) -> None:
        case.headers["authorization"] = f"Bearer {token}"
        case.validate_response(_answer(client, case), checks=CHECKS)

    ask()


def _answer(client: httpx.Client, case: schemathesis.Case) -> httpx.Response:
    """What the gateway says to a case; Schemathesis's own transport does not get along with urllib3-future."""
    asked = case.as_transport_kwargs()
    content = {"content": asked["data"]} if asked.get("data") is not None else {}
    if asked.get("json") is not None:
        content = {"json": asked["json"]}
    headers = {name: value.encode() if isinstance(value, str) else value for name, value in asked["headers"].items()}
    query = dict(asked.get("params") or {})
    return client.request(asked["method"], asked["url"], headers=headers, params=query, **content)


def test_what_needs_an_officer_refuses_everybody_else(gateway: Gateway) -> None:
    known = httpx.get(f"{gateway.url}/schema/openapi.json").json()["paths"]
    for path, operations in known.items():
        if not path.startswith("/api/v1/") or path in PUBLIC:
            continue
        for method in set(operations) - {"delete"}:  # signing out succeeds for everybody
            asked = gateway.url + path.replace("{sha256}", "0" * 64)
            answer = httpx.request(method, asked, params={"ids": "x"})
            assert answer.status_code == 401, f"{method} {path}"


def test_the_description_needs_nothing_from_elsewhere(gateway: Gateway) -> None:
    for name in ("openapi.json", "openapi.yaml"):
        answer = httpx.get(f"{gateway.url}/schema/{name}")
        assert answer.status_code == 200
        assert "cdn" not in answer.text.lower()
