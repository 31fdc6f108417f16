"""ClickHouse's configuration for chDB: limits, and the roles that a connection can take on.

chDB always connects as user `default`, and knows no other. So `default` has no rights of its own: all it may do comes
from one of two roles, `full` and `reader`, and a connection keeps one of them (`SET ROLE`) for as long as it lives.
Nothing in these files is secret.
"""

from __future__ import annotations

import uuid
from pathlib import Path
from xml.etree import ElementTree as ET

from posko.local.engine.limits import Limits

STORE = "store"  # chDB's folder inside the engine's
SERVER_FILE = "server.xml"  # not `config.xml`: chDB would also read that when it is imported
# chDB gives the database it starts with another one of files beneath, in which a table's name is a path. It gets a name
# that nobody needs, and is dropped; `default` is an ordinary database, as on a server.
FILES_DATABASE = "_files"

# What `reader` may do: read our data, and see what there is. Sources outside the database need grants it lacks.
_READER = "GRANT SELECT, SHOW DATABASES, SHOW TABLES, SHOW COLUMNS, SHOW DICTIONARIES, dictGet ON *.*"
# What even `full` may not do: reach files and other machines through SQL.
_OUTSIDE = "REVOKE SOURCES ON *.*"

# These show other people's queries and what is in them; `reader` sees no row of them.
_PRIVATE = (
    "processes",
    "stack_trace",
    "query_log",
    "query_thread_log",
    "query_views_log",
    "query_cache",
    "asynchronous_inserts",
    "text_log",
    "trace_log",
    "crash_log",
    "session_log",
    "part_log",
    "errors",
    "named_collections",
    "server_settings",
)

# SQL hidden in a setting's text would be executed unseen by the gate; another dialect would be read differently by it.
_FIXED = (
    "dialect",
    "additional_table_filters",
    "additional_result_filter",
    "allow_experimental_ai_functions",
)


def base_settings(limits: Limits) -> dict[str, str]:
    """Settings that every connection starts from."""
    return {
        "max_memory_usage": str(limits.query_memory),
        "max_execution_time": str(limits.query_seconds),
        # A large GROUP BY or ORDER BY goes on in a file rather than fail.
        "max_bytes_before_external_group_by": str(limits.query_memory // 2),
        "max_bytes_before_external_sort": str(limits.query_memory // 2),
        "max_query_size": str(limits.max_query_size),
        "allow_introspection_functions": "0",
        "implicit_select": "0",
        "async_insert": "0",  # an acknowledged row is a stored row
        "log_comment": "",
        "max_threads": "0",
    }


def write(folder: Path, limits: Limits) -> None:
    """Write `server.xml`, `users.xml` and, once, the database `default` into the engine's folder, which exists."""
    default = folder / STORE / "metadata" / "default.sql"
    if not default.exists():
        default.parent.mkdir(parents=True, exist_ok=True)
        default.write_text(f"ATTACH DATABASE _ UUID '{uuid.uuid4()}'\nENGINE = Atomic\n")
    link = default.with_suffix("")  # by this link chDB would take `default` for its own; ClickHouse makes it anew
    if link.is_symlink():
        link.unlink()
    _save(_server(folder, limits), folder / SERVER_FILE)
    _save(_users(limits), folder / "users.xml")


def _server(folder: Path, limits: Limits) -> ET.Element:
    root = ET.Element("clickhouse")
    logger = ET.SubElement(root, "logger")
    # Lower levels would write queries, and with them people's words, into a file.
    _fill(logger, level="fatal", log=str(folder / "clickhouse.log"), console="0", size="10M", count="2")
    _fill(
        root,
        users_config=str(folder / "users.xml"),
        user_files_path=f"{folder / 'user_files'}/",
        tmp_path=f"{folder / 'tmp' / 'queries'}/",
        max_server_memory_usage=str(limits.server_memory),
        mark_cache_size=str(64 << 20),
        uncompressed_cache_size="0",
        timezone="UTC",
        default_database=FILES_DATABASE,
    )
    # Of many small inserts merging was a quarter of the processor time. Ten parts at a time instead of five, and no
    # statistics of every column, halve that; questions took as long as before.
    _fill(ET.SubElement(root, "merge_tree"), merge_selector_base="10", auto_statistics_types="")
    return root


def _users(limits: Limits) -> ET.Element:
    root = ET.Element("clickhouse")
    profile = ET.SubElement(ET.SubElement(root, "profiles"), "default")
    constraints = ET.SubElement(profile, "constraints")
    _fill(ET.SubElement(constraints, "max_memory_usage"), min="1", max=str(limits.query_memory))
    _fill(ET.SubElement(constraints, "max_execution_time"), min="1", max=str(limits.query_seconds))
    _fill(ET.SubElement(constraints, "max_query_size"), max=str(limits.max_query_size))
    for name in _FIXED:
        ET.SubElement(ET.SubElement(constraints, name), "const")

    user = ET.SubElement(ET.SubElement(root, "users"), "default")
    _fill(user, no_password="", profile="default", quota="default")
    _fill(ET.SubElement(user, "networks"), ip="::/0")
    _grant(user, "GRANT full", "GRANT reader")
    system = ET.SubElement(ET.SubElement(user, "databases"), "system")
    for table in _PRIVATE:
        _fill(ET.SubElement(system, table), filter="has(currentRoles(), 'full')")

    roles = ET.SubElement(root, "roles")
    _grant(ET.SubElement(roles, "full"), "GRANT ALL ON *.*", _OUTSIDE)
    _grant(ET.SubElement(roles, "reader"), _READER)
    ET.SubElement(ET.SubElement(root, "quotas"), "default")
    return root


def _grant(element: ET.Element, *queries: str) -> None:
    grants = ET.SubElement(element, "grants")
    for query in queries:
        ET.SubElement(grants, "query").text = query


def _fill(element: ET.Element, **values: str) -> None:
    for name, value in values.items():
        ET.SubElement(element, name).text = value


def _save(root: ET.Element, path: Path) -> None:
    ET.indent(root)
    ET.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)
    path.chmod(0o600)
