"""The command ``assay``: picks one of the commands and hands it the rest of the line."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from assay import __version__
from assay.cli.answer import Answer
from assay.cli.exit import exit_code
from assay.config.errors import UserError, unknown

__all__ = ["COMMANDS", "Command", "dispatch", "main"]


@dataclass(frozen=True)
class Command:
    """Where a command is, and its SUMMARY, repeated here so that the overview imports none of them."""

    module: str
    summary: str


COMMANDS = {
    "ablate": Command("assay.cli.ablate", "train and test the rows of an ablation suite, each with a verdict"),
    "search": Command("assay.cli.search", "tune loss weights and other hyperparameters"),
    "report": Command("assay.cli.report", "rebuild tables, figures and reports from stored results"),
    "export": Command("assay.cli.export", "a run as one file: results, report, and weights that are named"),
    "store": Command("assay.cli.store", "look into the store of trained stages, and tidy it"),
    "mcp": Command("assay.cli.mcp", "answer an agent over MCP: plans, runs, verdicts, and what may be kept"),
    "view": Command("assay.cli.view", "look at runs, searches and stores in a browser, live while they go on"),
}


@exit_code
def main(argv: list[str] | None = None) -> Answer | int:
    """Run ``assay COMMAND ...`` and return what it answers.

    Args:
        argv: what stands after ``assay``; None takes it from the process.
    """
    return dispatch("assay", COMMANDS, argv)


def dispatch(program: str, commands: Mapping[str, Command], argv: list[str] | None) -> Answer | int:
    """Run one of several commands, or print the overview or the version.

    Args:
        program: what is typed before the command's name.
        commands: by name.
        argv: what stands after the program's name; None takes it from the process.

    Raises:
        UserError: there is no such command.
    """
    arguments = sys.argv[1:] if argv is None else argv
    name = arguments[0] if arguments else "--help"
    if name in ("-h", "--help"):
        print(_overview(program, commands))
        return 0
    if name in ("-V", "--version"):
        print(f"{program} {__version__}")
        return 0
    if name not in commands:
        raise _elsewhere(program, name) or unknown("command", name, commands)
    command = importlib.import_module(commands[name].module).main
    answer: Answer | int = getattr(command, "__wrapped__", command)(list(arguments[1:]))  # `exit_code` is ours already
    return answer


def _elsewhere(program: str, name: str) -> UserError | None:
    """An error that names the other program of this installation that has the command, if one has."""
    from importlib import metadata

    try:
        scripts = metadata.distribution("assay").entry_points.select(group="console_scripts")
    except metadata.PackageNotFoundError:  # a clone from which nothing was installed
        return None
    for script in scripts:
        if name in getattr(importlib.import_module(script.module), "COMMANDS", ()):
            return UserError(f"{program} has no command {name!r}: say `{script.name} {name}`")
    return None


def _overview(program: str, commands: Mapping[str, Command]) -> str:
    width = max(map(len, commands))
    lines = (f"  {name:{width}}  {command.summary}" for name, command in commands.items())
    return "\n".join(
        [
            f"usage: {program} COMMAND ...",
            "",
            *lines,
            "",
            f"`{program} COMMAND --help` explains one of them; `{program} --version` prints the version.",
            "In a clone of the repository, `python -m platform.COMMAND` is the same.",
        ]
    )


if __name__ == "__main__":
    raise SystemExit(main())
