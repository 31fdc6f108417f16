"""Who is told of an alert, and when not: contact point, mute timing, one branch of the notification policy.

Mute times are the catalogue's quiet hours, in UTC (Grafana 9.3 knows no other zone there); critical alerts ignore them.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from dashboards.grafana.alerts import CRITICAL, LABEL
from posko.catalog import Catalog
from posko.election import Election
from posko.settings import SettingsError

CONTACT, QUIET = "Posko", "Posko: jam tenang"
UID = "posko"


def contact(address: str) -> dict[str, Any]:
    """The contact point for an e-mail address (several with ;) or an http(s) address of a webhook.

    Raises SettingsError for anything else.
    """
    if address.startswith(("http://", "https://")):
        kind, settings = "webhook", {"url": address, "httpMethod": "POST"}
    elif "@" in address:
        kind, settings = "email", {"addresses": address, "singleEmail": True}  # type: ignore[dict-item]
    else:
        raise SettingsError(f"--notify {address}: write an e-mail address or the http(s) address of a webhook")
    return {"uid": UID, "name": CONTACT, "type": kind, "settings": settings, "disableResolveMessage": False}


def mute_timing(catalog: Catalog, election: Election) -> dict[str, Any] | None:
    """The quiet hours in UTC; None when the catalogue has none."""
    notifications = catalog.notifications
    begin, end = _utc(notifications.quiet_from, election), _utc(notifications.quiet_to, election)
    if begin == end:
        return None
    times = [(begin, end)] if begin < end else [(begin, "24:00"), ("00:00", end)]
    return {
        "name": QUIET,
        "time_intervals": [
            {"times": [{"start_time": first, "end_time": last}]} for first, last in times if first != last
        ],
    }


def branch(quiet: bool) -> dict[str, Any]:
    """Our branch of the notification policy: critical alerts at once and always, others not in quiet hours."""
    critical = {
        "receiver": CONTACT, "object_matchers": [["urgensi", "=", CRITICAL]], "group_by": ["alertname"],
        "group_wait": "10s", "group_interval": "1m", "repeat_interval": "1h",
    }  # fmt: skip
    return {
        "receiver": CONTACT,
        "object_matchers": [[LABEL, "=", "ya"]],
        "group_by": ["alertname"],
        "group_wait": "30s",
        "group_interval": "5m",
        "repeat_interval": "4h",
        "routes": [critical],
        **({"mute_time_intervals": [QUIET]} if quiet else {}),
    }


def with_branch(tree: dict[str, Any], quiet: bool) -> dict[str, Any]:
    """The notification policy with our branch first, and everybody else's as it was."""
    others = [route for route in tree.get("routes") or () if [LABEL, "=", "ya"] not in route.get("object_matchers", ())]
    return {**tree, "routes": [branch(quiet), *others]}


def _utc(moment: str, election: Election) -> str:
    """A local time `HH:MM` in UTC; zones of Indonesia know no summer time."""
    offset = datetime(election.date.year, 1, 1, tzinfo=election.timezone).utcoffset() or timedelta()
    return f"{datetime.strptime(moment, '%H:%M') - offset:%H:%M}"
