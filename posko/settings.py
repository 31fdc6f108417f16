"""Every setting of Posko, once: a variable POSKO_..., an option of the same name, or what the instance's folder says.

An instance is a folder (`data`). `posko up` writes what others need to reach it there: `instance.json` (addresses,
election; no secrets) and `secrets.json` (passwords, mode 0600). Commands that are given neither folder nor address use
the one instance that is running.
"""

from __future__ import annotations

import json
import os
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import platformdirs
import psutil
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

DEFAULT_PORT_BASE = 29000
# What each process listens on, as an offset from `port_base`.
# Where there may be several workers on a machine, the first one's is named and the others follow it.
PORTS = {
    "kafka": 0,
    "kafka-controller": 1,
    "engine": 2,
    "gateway": 3,
    "board": 4,
    "engine-metrics": 5,
    "sink-metrics": 6,
    "supervisor-metrics": 7,
    "gateway-metrics": 8,
    "board-metrics": 9,
    "stream-metrics": 10,
}


class SettingsError(Exception):
    """A setting is missing or cannot be used; the text says which and what to do."""


class Settings(BaseSettings):
    """Settings of one process. Times are seconds, sizes bytes, unless the name says otherwise."""

    model_config = SettingsConfigDict(env_prefix="POSKO_", extra="ignore", frozen=True)

    data: Path = Field(default_factory=lambda: platformdirs.user_data_path("posko") / "default")
    host: str = "127.0.0.1"  # what our own services bind to
    port_base: int = Field(default=DEFAULT_PORT_BASE, ge=1024, le=65000)
    election: str = "sumsel-2024"  # a file, or the name of a shipped one
    catalog: Path | None = None  # a file of your own instead of the built-in catalogue
    claims: Path | None = None  # known hoaxes (CSV) elsewhere than in the instance's folder
    partitions: int = Field(default=2, ge=1, le=512)  # of a topic that is made; a laptop does more with few
    workers: int = Field(default=1, ge=1, le=64)

    kafka: str = ""  # bootstrap servers, comma-separated; empty: the embedded broker
    clickhouse: str = ""  # http(s)://host:port; empty: the embedded endpoint
    clickhouse_user: str = "posko"
    clickhouse_password: SecretStr = SecretStr("")
    dashboard_user: str = "dashboard"  # may read, nothing else
    dashboard_password: SecretStr = SecretStr("")
    grafana: str = ""  # http(s)://host:port
    grafana_token: SecretStr = SecretStr("")

    board_url: str = ""  # where people reach the board when it is behind a proxy: https://board.example.go.id
    oidc_issuer: str = ""  # an institution's OpenID Connect, by which people may sign in to the board
    oidc_client: str = ""
    oidc_secret: SecretStr = SecretStr("")

    stream_batch: int = Field(default=5000, ge=1)  # reports in one transaction, at most
    stream_age: float = Field(default=0.07, ge=0)  # between two batches of a partition, at least
    sink_batch: int = Field(default=20000, ge=1)
    sink_age: float = Field(default=0.25, ge=0)  # a batch is stored when its first message waited this long
    gateway_url: str = ""  # https://host under which phones reach the gateway; empty: its own address
    gateway_public: bool = False  # citizens who are not enrolled may report too, with a proof of work
    gateway_public_bits: int = Field(default=18, ge=1, le=40)  # how hard their proof is; one more doubles it
    gateway_officer_rate: float = Field(default=120, gt=0)  # reports a minute; ten times as many at once
    gateway_address_rate: float = Field(default=60, gt=0)  # sign-ins and citizens' reports a minute from one address
    attachments: str = ""  # a folder or a URL of fsspec's (s3://bucket/posko); empty: in the instance's folder
    gateway_proxies: str = "127.0.0.1"  # whose X-Forwarded-For is believed; comma-separated addresses, or *
    messages_public: bool = False  # SMS and WhatsApp from numbers that are not enrolled are reports too, marked public
    sms_secret: SecretStr = SecretStr("")  # shared with the SMS gateway; empty: its webhooks are closed
    sms_twilio_token: SecretStr = SecretStr("")  # Twilio's auth token, which signs its calls
    sms_send: str = ""  # http(s) address that takes {"to", "text"}: replies that come later; empty: none
    whatsapp_verify: SecretStr = SecretStr("")  # what Meta says when the webhook is set up
    whatsapp_secret: SecretStr = SecretStr("")  # the app's secret, which signs its calls; empty: the door is closed
    whatsapp_token: SecretStr = SecretStr("")  # for replies and pictures; empty: none
    whatsapp_graph: str = "https://graph.facebook.com/v23.0"
    log_level: str = "info"
    metrics_host: str = "127.0.0.1"  # where each process serves /metrics and /health
    metrics_port: int | None = Field(default=None, ge=0, le=65535)  # None: the role's; 0: not served

    @property
    def claims_file(self) -> Path:
        """Where intake looks for known claims; `posko import claims` writes it."""
        return self.claims or self.data / "claims.csv"

    @property
    def attachments_place(self) -> str:
        """Where files that belong to reports are kept: a folder, or a URL for fsspec."""
        return self.attachments or str(self.data / "attachments")

    @property
    def kafka_address(self) -> str:
        return self.kafka or f"127.0.0.1:{self.port('kafka')}"

    @property
    def gateway_address(self) -> str:
        """Where people reach the gateway, without a slash at the end."""
        return (self.gateway_url or f"http://{self.host}:{self.port('gateway')}").rstrip("/")

    @property
    def board_address(self) -> str:
        """Where people reach the board, without a slash at the end."""
        return (self.board_url or f"http://{self.host}:{self.port('board')}").rstrip("/")

    @property
    def clickhouse_url(self) -> str:
        return self.clickhouse or f"http://127.0.0.1:{self.port('engine')}"

    def port(self, service: str) -> int:
        """The port of a service of this instance; KeyError for a service that has none."""
        return self.port_base + PORTS[service]

    def metrics_port_of(self, role: str) -> int:
        """Where this process, which has that role (stream, sink, ...), serves /metrics and /health; 0: nowhere."""
        return self.port(f"{role}-metrics") if self.metrics_port is None else self.metrics_port

    @cached_property
    def clickhouse_client_options(self) -> dict[str, Any]:
        """Keyword arguments for `clickhouse_connect.get_client`, without the database."""
        url = urlsplit(self.clickhouse_url)
        secure = url.scheme == "https"
        return {
            "host": url.hostname,
            "port": url.port or (8443 if secure else 8123),
            "secure": secure,
            "username": self.clickhouse_user,
            "password": self.clickhouse_password.get_secret_value(),
        }

    @cached_property
    def reader_client_options(self) -> dict[str, Any]:
        """The same for the user that may only read; where it has no password, for the one that there is."""
        password = self.dashboard_password.get_secret_value()
        if not password:
            return self.clickhouse_client_options
        return self.clickhouse_client_options | {"username": self.dashboard_user, "password": password}


def running_instances() -> list[Path]:
    """Folders of the instances whose supervisor is alive on this machine, oldest first."""
    found = []
    for note in sorted(registry().glob("*.json"), key=lambda path: path.stat().st_mtime):
        try:
            entry = json.loads(note.read_text())
            if psutil.Process(entry["pid"]).create_time() == entry["started"]:
                found.append(Path(entry["data"]))
        except (OSError, ValueError, KeyError, psutil.Error):
            continue
    return found


def registry() -> Path:
    """Where each running supervisor leaves a note {"data", "pid", "started"}, by which commands find an instance."""
    return Path(os.environ.get("POSKO_REGISTRY", platformdirs.user_state_path("posko") / "instances"))


def load(**given: Any) -> Settings:
    """Settings from, strongest first: `given` (None: not given), POSKO_ variables, the instance's own files, defaults.

    Raises SettingsError when nothing says which of several running instances is meant.
    """
    given = {name: value for name, value in given.items() if value is not None}
    if "data" not in given and "POSKO_DATA" not in os.environ and not _addressed(given):
        running = running_instances()
        if len(running) > 1:
            folders = "\n  ".join(str(path) for path in running)
            raise SettingsError(f"Several instances are running; name one with --data or POSKO_DATA:\n  {folders}")
        if running:
            given["data"] = running[0]
    data = Path(given.get("data") or Settings(**given).data).expanduser().resolve()
    noted = {**_read(data / "instance.json"), **_read(data / "secrets.json")}
    known = {
        name: value
        for name, value in noted.items()
        if name in Settings.model_fields and f"POSKO_{name.upper()}" not in os.environ
    }
    return Settings(**{**known, **given, "data": data})


def _addressed(given: dict[str, Any]) -> bool:
    """Whether the caller already says where the system is, so that no running instance needs to be looked for."""
    named = {"port_base", "kafka", "clickhouse"}
    return bool(named & given.keys()) or any(f"POSKO_{name.upper()}" in os.environ for name in named)


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"{path} cannot be read ({error}); restore it, or delete it to start with defaults"
        ) from error
    return content if isinstance(content, dict) else {}
