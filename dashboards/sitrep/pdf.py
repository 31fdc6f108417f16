"""The page as PDF, printed by the Chromium or Chrome of this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from posko.settings import SettingsError

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
PRINT_S = 90


def browser() -> str:
    """Where it is: CHROMIUM names it, else it is looked for. Raises SettingsError with what to do."""
    named = os.environ.get("CHROMIUM", "")
    found = named or next(filter(None, map(shutil.which, NAMES)), "")
    if not found or not Path(found).exists():
        raise SettingsError(
            "A PDF is printed by Chromium or Chrome, and there is none. Install one (apt-get install chromium), name "
            "it with CHROMIUM=/path/to/chromium, or take --out FILE.html and print that from any browser"
        )
    return found


def write(html: str, out: Path) -> None:
    """Print `html` to `out`, which is whole or unchanged. Raises SettingsError when the browser does not manage."""
    chromium = browser()
    with tempfile.TemporaryDirectory(prefix="posko-sitrep-", ignore_cleanup_errors=True) as folder:
        page, made = Path(folder) / "page.html", Path(folder) / "page.pdf"
        page.write_text(html, encoding="utf-8")
        command = [chromium, "--headless", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
        command += [f"--user-data-dir={folder}/profile", "--no-pdf-header-footer", f"--print-to-pdf={made}"]
        if os.geteuid() == 0:
            command.append("--no-sandbox")  # Chromium refuses to run as root with it
        try:
            done = subprocess.run([*command, page.as_uri()], capture_output=True, timeout=PRINT_S, check=False)
        except (subprocess.TimeoutExpired, OSError) as error:
            raise SettingsError(f"{chromium} did not print the page: {error}") from error
        if not made.exists() or not made.stat().st_size:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
            raise SettingsError(f"{chromium} did not print the page (status {done.returncode}): {' '.join(said)}")
        try:
            partial = out.with_name(f".{out.name}.{os.getpid()}.part")
            shutil.copyfile(made, partial)
            partial.replace(out)
        except OSError as error:
            raise SettingsError(f"{out} cannot be written: {error.strerror}") from error
