"""Deploys data source and dashboards to a running Grafana through its API. Doing it twice changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from dashboards.grafana import build
from dashboards.grafana.common import DATASOURCE
from posko.settings import Settings, SettingsError

FOLDER = {"uid": "posko", "title": "Posko"}


def push(settings: Settings) -> Iterator[str]:
    """Create or update everything; yields a line a thing done.

    Raises SettingsError when the address, the token or the extra `grafana` is missing, or Grafana refuses.
    """
    grafana = _client(settings)
    from grafana_client.client import GrafanaException

    try:
        source = datasource(settings)
        _put_datasource(grafana, source)
        yield f"data source {source['name']}"
        if all(folder["uid"] != FOLDER["uid"] for folder in grafana.folder.get_all_folders()):
            grafana.folder.create_folder(FOLDER["title"], FOLDER["uid"])
        for name in build.ALL:
            done = grafana.dashboard.update_dashboard(
                {"dashboard": build.model(name), "folderUid": FOLDER["uid"], "overwrite": True, "message": "posko"}
            )
            yield f"dashboard {name}: {settings.grafana.rstrip('/')}{done['url']}"
    except (GrafanaException, OSError) as error:
        raise SettingsError(
            f"Grafana at {settings.grafana} refused ({error}); check the address and that the token may edit"
        ) from error


def datasource(settings: Settings) -> dict[str, Any]:
    """The data source object for Grafana's API: the read-only user over HTTP."""
    url = urlsplit(settings.clickhouse_url)
    return {
        "name": "Posko",
        "uid": DATASOURCE.uid,
        "type": DATASOURCE.type_val,
        "access": "proxy",
        "isDefault": True,
        "jsonData": {
            "host": url.hostname,
            "port": url.port or (8443 if url.scheme == "https" else 8123),
            "protocol": "http",
            "secure": url.scheme == "https",
            "username": settings.dashboard_user,
            "defaultDatabase": "posko",
        },
        "secureJsonData": {"password": settings.dashboard_password.get_secret_value()},
    }


def _put_datasource(grafana: Any, source: dict[str, Any]) -> None:
    from grafana_client.client import GrafanaClientError

    try:
        grafana.datasource.update_datasource_by_uid(source["uid"], source)
    except GrafanaClientError as error:
        if error.status_code != 404:
            raise
        grafana.datasource.create_datasource(source)


def _client(settings: Settings) -> Any:
    if not settings.grafana:
        raise SettingsError("Say where Grafana is: POSKO_GRAFANA=http://host:3000")
    token = settings.grafana_token.get_secret_value()
    if not token:
        raise SettingsError("Grafana needs a service account token of role Admin: POSKO_GRAFANA_TOKEN")
    try:
        from grafana_client import GrafanaApi, TokenAuth
    except ImportError as error:
        raise SettingsError("The Grafana client is not installed: pip install 'posko[grafana]'") from error
    return GrafanaApi.from_url(settings.grafana, credential=TokenAuth(token), timeout=15)
