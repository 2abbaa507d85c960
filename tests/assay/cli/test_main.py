"""The commands ``assay`` and ``smfnet`` find the other commands."""

from __future__ import annotations

import importlib
import subprocess
import sys
from types import ModuleType, SimpleNamespace

import pytest

import assay
import assay.cli.main
import smfnet.cli.main
from assay.cli.main import COMMANDS

PROGRAMS = pytest.mark.parametrize("program", [assay.cli.main, smfnet.cli.main])


@PROGRAMS
@pytest.mark.parametrize("arguments", [[], ["-h"], ["--help"]])
def test_the_overview_has_a_line_for_each_command(
    capsys: pytest.CaptureFixture[str], program: ModuleType, arguments: list[str]
) -> None:
    assert program.main(arguments) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    for name, command in program.COMMANDS.items():
        assert [name, *command.summary.split()] in lines


def test_the_study_has_the_commands_of_the_engine_and_its_own() -> None:
    alone = {"conventions", "data", "evaluate", "fuse", "gallery", "tasks"}
    assert smfnet.cli.main.COMMANDS.keys() - COMMANDS.keys() == alone
    own = {name: each for name, each in smfnet.cli.main.COMMANDS.items() if each != COMMANDS.get(name)}
    assert own.keys() - alone == {
        "ablate",
        "export",
        "mcp",
        "search",
    }  # of this study unless another is named


def test_the_overview_tells_what_each_command_tells() -> None:
    for command in smfnet.cli.main.COMMANDS.values():
        assert command.summary == importlib.import_module(command.module).SUMMARY


@PROGRAMS
def test_the_overview_imports_no_command(program: ModuleType) -> None:
    script = (
        f"import sys; from {program.__name__} import main; main(['--help']); print([m for m in sys.modules], end='')"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    modules = done.stdout.splitlines()[-1]
    assert f"'{program.__name__}'" in modules
    assert not any(f"'{command.module}'" in modules for command in program.COMMANDS.values())


def test_a_command_gets_the_rest_of_the_line_and_gives_the_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    monkeypatch.setitem(sys.modules, "smfnet.cli.fuse", SimpleNamespace(main=lambda argv: seen.extend(argv) or 5))
    monkeypatch.setattr(sys, "argv", ["smfnet", "fuse", "--out", "here"])
    tests_own = SimpleNamespace(watch=lambda code: None, over=lambda: None, pressed=False)
    monkeypatch.setattr("assay.cli.exit.INTERRUPTS", tests_own)  # Ctrl-C is not this command's, nor is the process
    assert smfnet.cli.main.main() == 5
    assert seen == ["--out", "here"]


@PROGRAMS
def test_an_unknown_command_names_the_closest(capsys: pytest.CaptureFixture[str], program: ModuleType) -> None:
    assert program.main(["serach"]) == 2
    assert "Did you mean search?" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["evaluate", "fuse"])
def test_the_engine_points_to_the_program_that_has_the_command(
    capsys: pytest.CaptureFixture[str], command: str
) -> None:
    assert assay.cli.main.main([command, "--ir", "x"]) == 2
    assert capsys.readouterr().err == f"error: assay has no command {command!r}: say `smfnet {command}`\n"


@pytest.mark.parametrize(("program", "name"), [(assay.cli.main, "assay"), (smfnet.cli.main, "smfnet")])
def test_the_version_is_printed(capsys: pytest.CaptureFixture[str], program: ModuleType, name: str) -> None:
    assert program.main(["--version"]) == 0
    assert capsys.readouterr().out == f"{name} {assay.__version__}\n"
