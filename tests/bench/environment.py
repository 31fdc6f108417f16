"""Where the other stream processors are installed: an environment of its own in the user's cache folder.

They do not get along with posko's own packages (an older pydantic, another Kafka client), and nobody who runs posko
needs them. The domain's packages have the versions that posko has, so that both sides run the same code.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path

import platformdirs

from posko.local.cache import locked

REQUIREMENTS = Path(__file__).with_name("peers.txt")
ROOT = Path(__file__).parents[2]


class NotInstalled(Exception):
    """The environment could not be made; the text says why."""


def ensure(say: Callable[[str], None], requirements: Path = REQUIREMENTS, root: Path | None = None) -> Path:
    """The Python of an environment with exactly `requirements`, made when it is not there.

    `root` holds one environment for each content of the requirements and each Python. Raises NotInstalled.
    """
    root = root or platformdirs.user_cache_path("posko") / "bench"
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    folder = root / f"peers-{python}-{hashlib.sha256(requirements.read_bytes()).hexdigest()[:12]}"
    with locked(root / "peers.lock", lambda: say("Another run installs the other stream processors; waiting")):
        if not (folder / "complete").exists():
            say(f"Installing Quix Streams and Bytewax in {folder}")
            shutil.rmtree(folder, ignore_errors=True)
            _install(folder, requirements)
            (folder / "complete").touch()
    return folder / "bin" / "python"


def _install(folder: Path, requirements: Path) -> None:
    venv.create(folder, with_pip=(uv := _uv()) is None)
    python = str(folder / "bin" / "python")
    installer = [uv, "pip", "install", "--python", python] if uv else [python, "-m", "pip", "install"]
    command = [*installer, "--quiet", "--require-hashes", "-r", str(requirements)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotInstalled(f"{' '.join(command)} ended with status {done.returncode}:\n{done.stderr.strip()[-2000:]}")


def _uv() -> str | None:
    """uv installs in seconds what takes pip minutes; bin/setup leaves one in posko's own environment."""
    beside = Path(sys.executable).with_name("uv")
    return str(beside) if beside.exists() else shutil.which("uv")


def variables() -> dict[str, str]:
    """The environment for a program of this checkout in that Python: posko comes from the checkout's source."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("POSKO_", "VIRTUAL_ENV"))}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
