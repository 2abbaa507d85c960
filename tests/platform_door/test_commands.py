"""``python -m platform.COMMAND``: every command is there, explains itself, and says what is missing."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from smfnet.cli.main import COMMANDS

RunFolder = Callable[..., CompletedProcess[str]]


def test_the_folder_holds_one_file_per_command(root: Path) -> None:
    names = {file.stem for file in (root / "platform").glob("*.py")}
    assert names == {"__init__", "__main__", *COMMANDS}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_file_only_calls_the_library(root: Path, command: str) -> None:
    tree = ast.parse((root / "platform" / f"{command}.py").read_text())
    docstring, taken, guard = tree.body
    assert isinstance(docstring, ast.Expr)
    assert ast.unparse(taken) == f"from {COMMANDS[command].module} import main"
    assert ast.unparse(guard) == "if __name__ == '__main__':\n    raise SystemExit(main())"


@pytest.mark.parametrize("command", COMMANDS)
def test_help_needs_nothing_that_must_be_installed(python: RunFolder, root: Path, command: str) -> None:
    done = python(root, "-S", "-m", f"platform.{command}", "--help")  # -S: the standard library alone
    assert (done.returncode, done.stderr) == (0, "")
    assert "usage:" in done.stdout.lower()


def test_a_missing_package_is_one_line_that_says_what_installs_it(python: RunFolder, root: Path) -> None:
    done = python(root, "-S", "-m", "platform.ablate", "--all")
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert "make setup" in done.stderr
