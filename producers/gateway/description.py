"""The description of the gateway for programs: OpenAPI as JSON and YAML; nothing of it comes from elsewhere."""

from __future__ import annotations

from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, YamlRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

from posko import __version__


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
