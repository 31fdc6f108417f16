"""The QR code with which ODK Collect sets itself up, and the passwords in it."""

from __future__ import annotations

import base64
import json
import stat
import zlib
from pathlib import Path

from producers.openrosa import setup
from producers.openrosa.accounts import Accounts
from producers.openrosa.digest import ha1


def test_the_code_holds_server_and_sign_in_as_the_app_reads_them() -> None:
    content = json.loads(zlib.decompress(base64.b64decode(setup.code("https://posko.example/odk", "kpps-1", "geheim"))))
    general = content["general"]
    assert (general["server_url"], general["username"], general["password"]) == (
        "https://posko.example/odk",
        "kpps-1",
        "geheim",
    )


def test_passwords_are_kept_as_ha1_and_a_new_one_ends_the_old_one(tmp_path: Path) -> None:
    file = tmp_path / "odk.sqlite3"
    accounts = Accounts(file)
    first, second = accounts.make("kpps-1", 0), accounts.make("kpps-1", 1)
    accounts.close()
    kept = Accounts(file)
    assert kept.ha1("kpps-1") == ha1("kpps-1", second) != ha1("kpps-1", first)
    assert kept.ha1("kpps-2") == ""
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not any(second.encode() in path.read_bytes() for path in tmp_path.iterdir())
