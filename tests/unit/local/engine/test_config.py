from __future__ import annotations

from xml.etree import ElementTree as ET

from posko.local.engine import config
from posko.local.engine.limits import Limits


def test_the_database_default_is_made_once(tmp_path):
    config.write(tmp_path, Limits())
    made = (tmp_path / "store/metadata/default.sql").read_text()
    config.write(tmp_path, Limits())
    assert (tmp_path / "store/metadata/default.sql").read_text() == made
    assert "ENGINE = Atomic" in made


def test_limits_arrive_in_the_servers_files(tmp_path):
    config.write(tmp_path, Limits(query_memory=32 << 20, server_memory=128 << 20, query_seconds=7))
    server, users = ET.parse(tmp_path / "server.xml"), ET.parse(tmp_path / "users.xml")
    assert server.findtext("max_server_memory_usage") == str(128 << 20)
    assert users.findtext("profiles/default/constraints/max_memory_usage/max") == str(32 << 20)
    assert users.findtext("profiles/default/constraints/max_execution_time/max") == "7"


def test_only_the_owner_reads_the_servers_files(tmp_path):
    config.write(tmp_path, Limits())
    assert {(tmp_path / name).stat().st_mode & 0o777 for name in ("server.xml", "users.xml")} == {0o600}


def test_every_connection_starts_within_the_limits():
    base = config.base_settings(Limits(query_memory=32 << 20, query_seconds=7))
    assert (base["max_memory_usage"], base["max_execution_time"]) == (str(32 << 20), "7")
    assert base["async_insert"] == "0"
