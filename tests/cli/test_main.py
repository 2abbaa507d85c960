"""The command ``smfnet`` finds the other commands."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace

import pytest

import smfnet
from smfnet.cli.main import COMMANDS, main


@pytest.mark.parametrize("arguments", [[], ["-h"], ["--help"]])
def test_the_overview_has_a_line_for_each_command(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert main(arguments) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    for name, summary in COMMANDS.items():
        assert [name, *summary.split()] in lines


def test_the_overview_imports_no_command() -> None:
    script = "import sys; from smfnet.cli.main import main; main(['--help']); print([m for m in sys.modules], end='')"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    modules = done.stdout.splitlines()[-1]
    assert "'smfnet.cli.main'" in modules
    assert not any(f"smfnet.cli.{name}" in modules for name in COMMANDS)


def test_a_command_gets_the_rest_of_the_line_and_gives_the_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    monkeypatch.setitem(sys.modules, "smfnet.cli.fuse", SimpleNamespace(main=lambda argv: seen.extend(argv) or 5))
    monkeypatch.setattr(sys, "argv", ["smfnet", "fuse", "--out", "here"])
    assert main() == 5
    assert seen == ["--out", "here"]


def test_an_unknown_command_names_the_closest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serach"]) == 2
    assert "Did you mean search?" in capsys.readouterr().err


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"smfnet {smfnet.__version__}\n"
