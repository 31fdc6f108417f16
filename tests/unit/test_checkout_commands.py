"""Subcommands whose programs are in a checkout only."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from posko import checkout_commands
from posko.settings import SettingsError


def application(root: Path) -> typer.Typer:
    app = typer.Typer()
    app.callback()(lambda: None)
    checkout_commands.register(app, root)
    return app


@pytest.mark.parametrize("name", checkout_commands.COMMANDS)
def test_a_checkout_has_each_command_with_its_help(name: str) -> None:
    shown = CliRunner().invoke(application(checkout_commands.ROOT), [name, "--help"])
    assert shown.exit_code == 0
    assert checkout_commands.COMMANDS[name][1].split()[0] in shown.output


@pytest.mark.parametrize("name", checkout_commands.COMMANDS)
def test_an_installed_package_says_that_the_command_needs_a_checkout(name: str, tmp_path: Path) -> None:
    refused = CliRunner().invoke(application(tmp_path), [name, "--kills", "3"])
    assert isinstance(refused.exception, SettingsError)
    assert f"posko {name} runs from a checkout" in str(refused.exception)
