"""The Chromium of this machine. Playwright drives it; it never brings one of its own."""

from __future__ import annotations

import signal
from pathlib import Path

import psutil

from dashboards.sitrep import pdf
from posko.settings import SettingsError

FLAGS = ["--no-sandbox", "--disable-dev-shm-usage"]
MISSING = (
    "There is no Chromium, which the browser tests drive. bin/setup --dev installs it as root on Debian; "
    "by hand: apt-get install chromium. Or name one: CHROMIUM=/path/to/chromium"
)


def path() -> str:
    """Where it is. Raises RuntimeError with what to do when there is none."""
    try:
        return pdf.browser()
    except SettingsError:
        raise RuntimeError(MISSING) from None


def kill(profile: Path) -> None:
    """SIGKILL for the browser that uses this profile, as when a phone's battery is gone."""
    ours = f"--user-data-dir={profile}"
    killed = [one for one in psutil.process_iter(["cmdline"]) if ours in (one.info["cmdline"] or [])]
    assert killed, f"no browser uses {profile}"
    for one in killed:
        one.send_signal(signal.SIGKILL)
    psutil.wait_procs(killed, timeout=20)
    for lock in profile.glob("Singleton*"):
        lock.unlink(missing_ok=True)
