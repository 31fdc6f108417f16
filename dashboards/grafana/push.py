"""Deploys everything to a running Grafana through its API. Doing it twice changes nothing.

Data source, folder, dashboards, playlist, alert rules; with an address to notify also contact point, mute timing and
our branch of the notification policy. What others made in that Grafana is left alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from dashboards.grafana import alerts, build, notify
from dashboards.grafana.look import DATASOURCE
from dashboards.grafana.variables import Place
from posko.catalog import Catalog
from posko.settings import Settings, SettingsError

FOLDER = {"uid": "posko", "title": "Posko"}
PLAYLIST = "Posko: layar dinding"
PLAYLIST_EVERY = "1m"
ANSWER_S = 15


def push(settings: Settings, place: Place, address: str = "") -> Iterator[str]:
    """Create or update everything; yields a line a thing done. `address`: whom alerts go to, "" leaves that as it is.

    Raises SettingsError when the address, the token or the extra `grafana` is missing, or Grafana refuses.
    """
    grafana = client(settings)
    from grafana_client.client import GrafanaException

    try:
        yield from _dashboards(grafana, settings, place)
        yield from _alerts(grafana, place)
        if address:
            yield from _notifications(grafana, place, address)
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
            "dialTimeout": "10",
            "queryTimeout": "30",
        },
        "secureJsonData": {"password": settings.dashboard_password.get_secret_value()},
    }


def _dashboards(grafana: Any, settings: Settings, place: Place) -> Iterator[str]:
    source = datasource(settings)
    if not _known(lambda: grafana.datasource.update_datasource_by_uid(source["uid"], source)):
        grafana.datasource.create_datasource(source)
    yield f"data source {source['name']}"
    if all(folder["uid"] != FOLDER["uid"] for folder in grafana.folder.get_all_folders()):
        grafana.folder.create_folder(FOLDER["title"], FOLDER["uid"])
    for name, model in build.models(place).items():
        done = grafana.dashboard.update_dashboard(
            {"dashboard": model, "folderUid": FOLDER["uid"], "overwrite": True, "message": "posko"}
        )
        yield f"dashboard {name}: {settings.grafana.rstrip('/')}{done['url']}"
    items = [{"type": "dashboard_by_tag", "value": build.WALL, "order": 1, "title": build.WALL}]
    playlist = {"name": PLAYLIST, "interval": PLAYLIST_EVERY, "items": items}
    there = next((one for one in grafana.client.GET("/playlists") if one["name"] == PLAYLIST), None)
    if there:
        grafana.client.PUT(f"/playlists/{there.get('uid') or there['id']}", json=playlist)
    else:
        grafana.client.POST("/playlists", json=playlist)
    yield f"playlist {PLAYLIST}"


def _alerts(grafana: Any, place: Place) -> Iterator[str]:
    for rule in alerts.rules(place, FOLDER["uid"]):
        if _known(lambda uid=rule["uid"]: grafana.alertingprovisioning.get_alertrule(uid)):
            grafana.alertingprovisioning.update_alertrule(rule["uid"], rule)
        else:
            grafana.alertingprovisioning.create_alertrule(rule)
        yield f"alert rule {rule['title']}"


def _notifications(grafana: Any, place: Place, address: str) -> Iterator[str]:
    api, point = grafana.alertingprovisioning, notify.contact(address)
    if any(one.get("uid") == point["uid"] for one in api.get_contactpoints()):
        api.update_contactpoint(point["uid"], point)
    else:
        api.create_contactpoint(point)
    yield f"contact point {point['name']} ({point['type']})"
    timing = notify.mute_timing(Catalog.load(), place.election)
    if timing:
        if any(one["name"] == timing["name"] for one in api.get_mute_timings() or ()):
            api.update_mute_timing(timing["name"], timing)
        else:
            api.create_mute_timing(timing)
        yield f"mute timing {timing['name']}"
    api.set_notification_policy_tree(notify.with_branch(api.get_notification_policy_tree(), timing is not None))
    yield "notification policy"


def _known(ask: Any) -> bool:
    """Do it, and say whether Grafana knows what it is about."""
    from grafana_client.client import GrafanaClientError

    try:
        ask()
    except GrafanaClientError as error:
        if error.status_code != 404:
            raise
        return False
    return True


def client(settings: Settings) -> Any:
    """Grafana's client. Raises SettingsError when the address, the token or the extra is missing."""
    if not settings.grafana:
        raise SettingsError("Say where Grafana is: POSKO_GRAFANA=http://host:3000")
    token = settings.grafana_token.get_secret_value()
    if not token:
        raise SettingsError("Grafana needs a service account token of role Admin: POSKO_GRAFANA_TOKEN")
    try:
        from grafana_client import GrafanaApi, TokenAuth
    except ImportError as error:
        raise SettingsError("The Grafana client is not installed: pip install 'posko[grafana]'") from error
    return GrafanaApi.from_url(settings.grafana, credential=TokenAuth(token), timeout=ANSWER_S)
