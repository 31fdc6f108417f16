"""The description of the gateway for programs: OpenAPI as JSON and YAML; nothing of it comes from elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.plugins import JsonRenderPlugin, YamlRenderPlugin
from litestar.openapi.spec import (
    Components,
    OpenAPIMediaType,
    Operation,
    Reference,
    RequestBody,
    Schema,
    SecurityScheme,
)
from litestar.openapi.spec.enums import OpenAPIFormat, OpenAPIType

from posko import __version__
from posko.report import CHANNELS, MAX_TEXT
from producers.gateway.errors import Problem

SIGNED_IN: list[dict[str, list[str]]] = [{"token": []}]
_WHY = {
    400: "The body cannot be read.",
    401: "Not signed in.",
    403: "Not allowed; the reason says why.",
    408: "The body took too long to arrive.",
    409: "Every report is in conflict with an earlier one of the same id.",
    413: "The body is too large.",
    415: "The body is not application/json in UTF-8.",
    422: "There is nothing in it that can be accepted.",
    429: "Too many; Retry-After says when to come again.",
    503: "Kafka is away or there is too much to do; Retry-After says when to come again, with the same ids.",
}


def config() -> OpenAPIConfig:
    """Served under /schema: openapi.json and openapi.yaml."""
    return OpenAPIConfig(
        title="Posko gateway",
        version=__version__,
        description="Reports of officers, agencies and citizens. A report is accepted once Kafka has acknowledged it.",
        render_plugins=[JsonRenderPlugin(path="/openapi.json"), YamlRenderPlugin(path=["/openapi.yaml"])],
        components=Components(
            security_schemes={"token": SecurityScheme(type="http", scheme="bearer", description="Token of a phone.")}
        ),
        use_handler_docstrings=True,
    )


def problems(*statuses: int) -> dict[int, ResponseSpec]:
    """The answers with these statuses that are a Problem."""
    return {status: ResponseSpec(Problem, description=_WHY[status], generate_examples=False) for status in statuses}


def answers(kind: Any, *statuses: int) -> dict[int, ResponseSpec]:
    """The answers with these statuses that are something else."""
    said = {status: _WHY.get(status, "Kafka has acknowledged what is accepted in it.") for status in statuses}
    return {status: ResponseSpec(kind, description=said[status], generate_examples=False) for status in statuses}


def _text(description: str, **more: Any) -> Schema:
    return Schema(type=OpenAPIType.STRING, description=description, **more)


REPORT = Schema(
    type=OpenAPIType.OBJECT,
    description="A report, version 1. Fields that are not listed are kept.",
    required=["report_id", "category", "text", "reported_at"],
    properties={
        "report_id": _text("Made on the device; the same id is the same report.", format=OpenAPIFormat.UUID),
        "category": _text("A code of the catalogue, such as logistics."),
        "kind": _text("A kind of the category."),
        "text": _text("What happened.", min_length=1, max_length=MAX_TEXT),
        "reported_at": _text("The device's clock, ISO 8601 with offset."),
        "occurred_at": _text("When it happened, ISO 8601 with offset."),
        "tps": _text("16.71.01.1001/007"),
        "area": _text("A Kemendagri code of any level."),
        "lat": Schema(type=OpenAPIType.NUMBER, minimum=-90, maximum=90),
        "lng": Schema(type=OpenAPIType.NUMBER, minimum=-180, maximum=180),
        "severity": Schema(type=OpenAPIType.INTEGER, minimum=1, maximum=5),
        "channel": _text("Said by the door; what is sent is ignored.", enum=sorted(CHANNELS)),
        "attachments": Schema(type=OpenAPIType.ARRAY, items=Schema(type=OpenAPIType.OBJECT), max_items=20),
    },
)


def _body(schema: Schema | Reference) -> RequestBody:
    return RequestBody(content={"application/json": OpenAPIMediaType(schema=schema)}, required=True)


def _reports(most: int) -> Schema:
    several = Schema(type=OpenAPIType.ARRAY, items=REPORT, min_items=1, max_items=most)
    return Schema(
        one_of=[REPORT, Schema(type=OpenAPIType.OBJECT, required=["reports"], properties={"reports": several})]
    )


@dataclass
class TakesReports(Operation):
    """An operation whose body is one report, or up to 500."""

    def __post_init__(self) -> None:
        self.request_body = _body(_reports(500))


@dataclass
class TakesPublicReports(Operation):
    """An operation whose body is one report, or up to 5."""

    def __post_init__(self) -> None:
        self.request_body = _body(_reports(5))


@dataclass
class TakesLink(Operation):
    """An operation whose body is a personal link."""

    def __post_init__(self) -> None:
        link = _text("The personal link, or its key alone.", max_length=2000)
        device = _text("16 to 100 random characters that the phone keeps.", max_length=100)
        self.request_body = _body(
            Schema(type=OpenAPIType.OBJECT, required=["link"], properties={"link": link, "device": device})
        )
