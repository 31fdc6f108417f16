"""Subcommands that belong to a checkout of the project: what they run lies beside the package, under tests/."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path

import typer

from posko.settings import SettingsError

ROOT = Path(__file__).resolve().parents[1]
# Subcommand -> (module with its function, or group of subcommands, of the same name; what it is for).
COMMANDS = {
    "bench": ("tests.bench.command", "Measure: against other stream processors, step by step, latency, sink, engine."),
    "chaos": ("tests.chaos.command", "Kill and pause everything under load; nothing may be lost or doubled."),
}


def register(app: typer.Typer, root: Path = ROOT) -> None:
    """Add the subcommands; where there is no checkout, they say so."""
    for name, (module, help_) in COMMANDS.items():
        if (root / f"{module.replace('.', '/')}.py").is_file():
            if str(root) not in sys.path:
                sys.path.append(str(root))
            found = getattr(importlib.import_module(module), name)
            if isinstance(found, typer.Typer):
                app.add_typer(found, name=name, help=help_)
            else:
                app.command(name, help=help_)(found)
        else:
            app.command(name, help=help_, context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(
                _absent(name)
            )


def _absent(name: str) -> Callable[[], None]:
    def absent() -> None:
        raise SettingsError(
            f"posko {name} runs from a checkout of the project, where it finds its programs under tests/; "
            f"this is an installed package in {ROOT}. Clone the project, run bin/setup --dev and .venv/bin/posko {name}"
        )

    return absent
