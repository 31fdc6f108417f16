"""A push brings everything to Grafana, twice is the same as once, and what others made there stays."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace

import pytest
from pydantic import SecretStr

from dashboards.grafana import alerts, notify, push
from dashboards.grafana.pages import PAGES
from dashboards.grafana.variables import Place
from posko import context
from posko.catalog import Catalog
from posko.settings import Settings, SettingsError
from tests.unit.dashboards.grafana_api import Grafana, running

PLACE = Place(context.load("sumsel-2024").election, "http://127.0.0.1:29004")


@pytest.fixture
def grafana() -> Iterator[Grafana]:
    with running("a-token") as server:
        yield server


def settings(grafana: Grafana, token: str = "a-token") -> Settings:
    return Settings(
        grafana=grafana.address,
        grafana_token=SecretStr(token),
        clickhouse="https://clickhouse.example:8443",
        dashboard_password=SecretStr("secret"),
    )


def test_everything_is_there_after_a_push(grafana: Grafana) -> None:
    list(push.push(settings(grafana), PLACE, "posko@example.org"))
    source = grafana.stored["datasources"]["posko-clickhouse"]
    assert (source["jsonData"]["host"], source["jsonData"]["port"], source["jsonData"]["secure"]) == (
        "clickhouse.example",
        8443,
        True,
    )
    assert source["jsonData"]["username"] == "dashboard"
    assert list(grafana.stored["folders"]) == ["posko"]
    assert set(grafana.stored["dashboards"]) == {page.uid for page in PAGES.values()}
    assert set(grafana.stored["rules"]) == {rule.uid for rule in alerts.RULES}
    assert list(grafana.stored["contacts"]) == ["posko"]
    assert list(grafana.stored["timings"]) == [notify.QUIET]
    (playlist,) = grafana.stored["playlists"].values()
    tags = grafana.stored["dashboards"]["posko-dinding"]["tags"]
    assert playlist["items"][0]["value"] in tags


def test_pushing_again_changes_nothing(grafana: Grafana) -> None:
    first = list(push.push(settings(grafana), PLACE, "posko@example.org"))
    once = copy.deepcopy((grafana.stored, grafana.policies))
    assert list(push.push(settings(grafana), PLACE, "posko@example.org")) == first
    assert (grafana.stored, grafana.policies) == once


def test_a_push_brings_what_has_changed(grafana: Grafana) -> None:
    list(push.push(settings(grafana), PLACE))
    list(push.push(settings(grafana), replace(PLACE, board="https://papan.example")))
    assert "papan.example" in str(grafana.stored["dashboards"]["posko-situasi"])
    assert "papan.example" in str(grafana.stored["rules"]["posko-silence"])


def test_the_notification_policy_of_others_stays_behind_ours(grafana: Grafana) -> None:
    list(push.push(settings(grafana), PLACE, "https://hook.example/x"))
    ours, others = grafana.policies["routes"]
    assert grafana.policies["receiver"] == "grafana-default-email"
    assert others == {"receiver": "others", "object_matchers": [["team", "=", "web"]]}
    assert ours["mute_time_intervals"] == [notify.QUIET]
    (critical,) = ours["routes"]
    assert "mute_time_intervals" not in critical


def test_without_an_address_nobody_is_told_and_no_policy_is_touched(grafana: Grafana) -> None:
    list(push.push(settings(grafana), PLACE))
    assert not grafana.stored["contacts"]
    assert not [path for _, path in grafana.requests if path.endswith(("policies", "contact-points", "mute-timings"))]


def test_quiet_hours_are_the_catalogues_in_utc() -> None:
    timing = notify.mute_timing(Catalog.load(), PLACE.election)
    assert timing is not None
    assert timing["time_intervals"] == [{"times": [{"start_time": "16:00", "end_time": "21:30"}]}]


@pytest.mark.parametrize(
    ("address", "kind"), [("a@b.example", "email"), ("https://hook.example/x", "webhook")], ids=["mail", "webhook"]
)
def test_alerts_go_to_a_mailbox_or_a_webhook(address: str, kind: str) -> None:
    assert notify.contact(address)["type"] == kind


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(SettingsError, match="e-mail address or"):
        notify.contact("posko")


def test_a_push_without_address_or_token_says_which_setting_is_missing() -> None:
    with pytest.raises(SettingsError, match="POSKO_GRAFANA="):
        list(push.push(Settings(), PLACE))
    with pytest.raises(SettingsError, match="POSKO_GRAFANA_TOKEN"):
        list(push.push(Settings(grafana="http://127.0.0.1:1"), PLACE))


def test_a_grafana_that_refuses_is_named(grafana: Grafana) -> None:
    with pytest.raises(SettingsError, match="refused"):
        list(push.push(settings(grafana, "wrong"), PLACE))
