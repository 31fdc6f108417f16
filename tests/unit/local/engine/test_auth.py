from __future__ import annotations

from base64 import b64encode

import pytest
from pydantic import SecretStr

from posko.local.engine.auth import Role, Users, credentials
from posko.local.engine.errors import ClickHouseError
from posko.settings import Settings, SettingsError

USERS = Users({"posko": ("one", Role.FULL), "dashboard": ("two", Role.READER)})


@pytest.mark.parametrize(("name", "password", "role"), [("posko", "one", Role.FULL), ("dashboard", "two", Role.READER)])
def test_a_user_has_a_role(name, password, role):
    assert USERS.role_of(name, password) is role


@pytest.mark.parametrize(
    ("name", "password"), [("posko", "two"), ("posko", ""), ("", ""), ("default", ""), ("x", "\udcff")]
)
def test_everyone_else_is_refused_in_the_same_words(name, password):
    with pytest.raises(ClickHouseError, match="password is incorrect, or there is no user") as caught:
        USERS.role_of(name, password)
    assert (caught.value.code, caught.value.status) == (516, 403)


def basic(text: str) -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(text.encode()).decode()}


@pytest.mark.parametrize(
    ("headers", "params", "named"),
    [
        ({}, {}, None),
        ({"X-ClickHouse-User": "a", "X-ClickHouse-Key": "b"}, {}, ("a", "b")),
        ({"X-ClickHouse-Key": "b"}, {}, ("default", "b")),
        (basic("a:b:c"), {}, ("a", "b:c")),
        (basic("a"), {}, ("a", "")),
        ({"Authorization": "Basic %%%"}, {}, ("", "")),
        ({"Authorization": "Bearer token"}, {}, ("", "")),
        ({}, {"user": "a", "password": "b"}, ("a", "b")),
        ({}, {"password": "b"}, ("default", "b")),
        ({"X-ClickHouse-User": "a"}, {"user": "b", "password": "c"}, ("a", "")),
    ],
)
def test_where_name_and_password_may_stand(headers, params, named):
    assert credentials(headers, params) == named


def test_no_password_no_engine(tmp_path):
    with pytest.raises(SettingsError, match="POSKO_CLICKHOUSE_PASSWORD"):
        Users.of(Settings(data=tmp_path, clickhouse_password=SecretStr("")))


def test_a_reader_without_a_password_does_not_exist(tmp_path):
    users = Users.of(Settings(data=tmp_path, clickhouse_password=SecretStr("p"), dashboard_password=SecretStr("")))
    with pytest.raises(ClickHouseError):
        users.role_of("dashboard", "")


def test_both_users_need_names_of_their_own(tmp_path):
    with pytest.raises(SettingsError, match="must differ"):
        Users.of(Settings(data=tmp_path, clickhouse_password=SecretStr("p"), dashboard_user="posko"))
