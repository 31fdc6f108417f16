"""docker-compose.yml, Dockerfile and provisioning agree with the code, since a server is started from them."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import typer
import yaml
from typer.testing import CliRunner

from dashboards.grafana import files, look
from dashboards.grafana.variables import Place
from posko import __version__, context, topics
from posko.local.services import MEMORY
from posko.settings import Settings

ROOT = Path(__file__).parents[3]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"].startswith("posko:")}
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def application() -> typer.Typer:
    app = typer.Typer()
    app.callback()(lambda: None)
    for entry in entry_points(group="posko.commands"):
        entry.load()(app)
    return app


@pytest.mark.parametrize("name", OURS)
def test_each_role_runs_a_command_that_exists_with_options_it_takes(name: str) -> None:
    command = OURS[name]["command"]
    words = [word for word in command if not word.startswith(("-", "/"))]
    shown = CliRunner().invoke(application(), [*words, "--help"])
    assert shown.exit_code == 0, shown.output
    assert all(option in shown.output for option in command if option.startswith("--"))


@pytest.mark.parametrize("name", OURS)
def test_each_setting_of_a_role_is_one_the_code_knows(name: str) -> None:
    known = {f"POSKO_{field.upper()}" for field in Settings.model_fields}
    assert set(OURS[name]["environment"]) <= known


def test_roles_reach_kafka_and_clickhouse_under_the_names_and_ports_these_have() -> None:
    environment = OURS["stream"]["environment"]
    host, port = environment["POSKO_KAFKA"].split(":")
    assert f"INTERNAL://{host}:{port}" in SERVICES["kafka"]["environment"]["KAFKA_ADVERTISED_LISTENERS"]
    assert environment["POSKO_CLICKHOUSE"] == "http://clickhouse:8123"
    assert environment["POSKO_CLICKHOUSE_USER"] == SERVICES["clickhouse"]["environment"]["CLICKHOUSE_USER"]


def test_the_broker_takes_messages_as_large_as_the_topics_do() -> None:
    assert int(SERVICES["kafka"]["environment"]["KAFKA_MESSAGE_MAX_BYTES"]) >= topics.MAX_MESSAGE


@pytest.mark.parametrize("name", SERVICES)
def test_images_are_pinned_and_ports_are_published_on_the_loopback_address_only(name: str) -> None:
    image = SERVICES[name]["image"]
    assert re.fullmatch(r"[\w./-]+:\d[\w.-]*", image), image
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name].get("ports", []))


@pytest.mark.parametrize("name", SERVICES)
def test_passwords_come_from_the_environment_and_have_no_default(name: str) -> None:
    for key, value in SERVICES[name].get("environment", {}).items():
        if "PASSWORD" in key:
            assert re.fullmatch(r"\$\{\w+:\?.+\}", str(value)), key


def test_every_password_is_named_in_the_example_environment_and_empty_there() -> None:
    wanted = set(re.findall(r"\$\{(\w+):\?", (ROOT / "docker-compose.yml").read_text()))
    given = dict(re.findall(r"^(\w+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert wanted <= given.keys()
    assert all(given[name] == "" for name in wanted)


@pytest.mark.parametrize("name", SERVICES)
def test_every_long_running_service_has_a_health_check(name: str) -> None:
    service = SERVICES[name]
    if service.get("restart") == "no":
        assert service["healthcheck"] == {"disable": True}
    elif name in OURS:
        assert "HEALTHCHECK" in DOCKERFILE  # for a role that is run without compose
        assert "POSKO_READY_FILE=/tmp/posko.ready" in DOCKERFILE
        port = Settings().metrics_port_of(service["command"][0])
        assert f"http://127.0.0.1:{port}/health/ready" in service["healthcheck"]["test"][-1]
        compile(service["healthcheck"]["test"][-1], name, "exec")
    else:
        assert service["healthcheck"]["test"][0] == "CMD"


@pytest.mark.parametrize("name", ["gateway", "board"])
def test_the_doors_are_published_where_they_listen_and_keep_their_files(name: str) -> None:
    service, settings = OURS[name], Settings()
    port = settings.port(name)
    assert service["ports"] == [f"127.0.0.1:{port}:{port}"]
    assert service["environment"]["POSKO_HOST"] == "0.0.0.0"  # inside the container
    assert service["environment"].items() >= OURS["stream"]["environment"].items()
    data = re.search(r"POSKO_DATA=(\S+)", DOCKERFILE)
    assert data is not None
    assert f"posko:{data[1]}" in service["volumes"]


def test_named_volumes_are_declared_and_mounted_files_exist() -> None:
    for service in SERVICES.values():
        for mount in service.get("volumes", []):
            source = mount.split(":")[0]
            assert (ROOT / source).exists() if source.startswith("./") else source in COMPOSE["volumes"], mount


def test_the_image_installs_the_locked_libraries_and_every_package_of_ours() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert "--require-hashes -r requirements.lock" in DOCKERFILE
    for package in project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]:
        assert f"COPY {package} {package}" in DOCKERFILE
    assert OURS["stream"]["image"] == f"posko:{__version__}"
    assert project["project"]["version"] == __version__


def test_the_kafka_image_is_the_version_of_the_embedded_broker() -> None:
    lock = tomllib.loads((ROOT / "posko/local/jgo.lock.toml").read_text())
    version = next(jar["version"] for jar in lock["dependencies"] if jar["artifactId"] == "kafka_2.13")
    assert SERVICES["kafka"]["image"] == f"apache/kafka:{version}"


def test_grafana_gets_the_datasource_that_the_dashboards_ask_and_where_they_are_written(tmp_path: Path) -> None:
    environment, written = SERVICES["grafana"]["environment"], OURS["dashboards"]["command"][-1]
    files.write(tmp_path, Place(context.load("sumsel-2024").election, "http://127.0.0.1:29004"), written)
    provisioning = tmp_path / Path(environment["GF_PATHS_PROVISIONING"]).relative_to(written)
    (source,) = yaml.safe_load((provisioning / "datasources/posko.yaml").read_text())["datasources"]
    (provider,) = yaml.safe_load((provisioning / "dashboards/posko.yaml").read_text())["providers"]
    assert (source["uid"], source["type"]) == (look.DATASOURCE.uid, look.DATASOURCE.type_val)
    assert source["uid"] != source["name"]
    assert (source["jsonData"]["host"], source["jsonData"]["port"]) == ("clickhouse", 8123)
    assert source["secureJsonData"]["password"].removeprefix("$") in environment
    assert provider["options"]["path"] == written
    home = Path(environment["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"])
    assert (tmp_path / home.relative_to(written)).exists()
    assert environment["GF_INSTALL_PLUGINS"] == f"{look.DATASOURCE.type_val} {look.PLUGIN_VERSION}"
    assert f"dashboards:{written}:ro" in SERVICES["grafana"]["volumes"]


def test_the_dashboard_user_may_read_our_tables_and_change_nothing() -> None:
    tree = ElementTree.parse(ROOT / "docker/clickhouse/dashboard-user.xml")
    user = tree.find("users/dashboard")
    assert user is not None
    assert [query.text for query in user.findall("grants/query")] == ["GRANT SELECT ON posko.*"]
    assert tree.findtext("profiles/dashboard/readonly") == "2"
    password = user.find("password")
    assert password is not None
    assert password.get("from_env") in SERVICES["clickhouse"]["environment"]


def test_the_image_has_the_memory_settings_of_local_workers() -> None:
    for name, value in MEMORY.items():
        assert re.search(rf"^ENV .*\b{name}={value}\b", DOCKERFILE, re.MULTILINE)
