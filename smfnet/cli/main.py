"""The command ``smfnet``: picks one of the commands and hands it the rest of the line."""

from __future__ import annotations

import importlib
import sys

from smfnet import __version__
from smfnet.cli.exit import exit_code
from smfnet.config.errors import unknown

__all__ = ["COMMANDS", "main"]

# Each one's SUMMARY, repeated here so that the overview imports none of them.
COMMANDS = {
    "ablate": "train and test the rows of an ablation suite, each with a verdict",
    "search": "tune loss weights and other hyperparameters",
    "evaluate": "measure fused images with the nine metrics",
    "fuse": "fuse your own infrared and visible images",
    "report": "rebuild tables, figures and reports from stored results",
    "store": "look into the store of trained stages, and tidy it",
}


@exit_code
def main(argv: list[str] | None = None) -> int:
    """Run ``smfnet COMMAND ...`` and return the command's exit code.

    Args:
        argv: what stands after ``smfnet``; None takes it from the process.
    """
    arguments = sys.argv[1:] if argv is None else argv
    command = arguments[0] if arguments else "--help"
    if command in ("-h", "--help"):
        print(_overview())
        return 0
    if command in ("-V", "--version"):
        print(f"smfnet {__version__}")
        return 0
    if command not in COMMANDS:
        raise unknown("command", command, COMMANDS)
    return int(importlib.import_module(f"smfnet.cli.{command}").main(arguments[1:]))


def _overview() -> str:
    width = max(map(len, COMMANDS))
    lines = (f"  {name:{width}}  {summary}" for name, summary in COMMANDS.items())
    return "\n".join(
        [
            "usage: smfnet COMMAND ...",
            "",
            *lines,
            "",
            "`smfnet COMMAND --help` explains one of them; `smfnet --version` prints the version.",
            "In a clone of the repository, `python -m platform.COMMAND` is the same.",
        ]
    )


if __name__ == "__main__":
    raise SystemExit(main())
