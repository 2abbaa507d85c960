"""The command ``smfnet``: the engine's commands for this study, and those that only image fusion needs."""

from __future__ import annotations

from dataclasses import replace

from assay.cli import main as engine
from assay.cli.answer import Answer
from assay.cli.exit import exit_code
from assay.cli.main import Command, dispatch

__all__ = ["COMMANDS", "main"]

COMMANDS = engine.COMMANDS | {
    "ablate": replace(engine.COMMANDS["ablate"], module="smfnet.cli.ablate"),
    "export": replace(engine.COMMANDS["export"], module="smfnet.cli.export"),
    "search": replace(engine.COMMANDS["search"], module="smfnet.cli.search"),
    "mcp": replace(engine.COMMANDS["mcp"], module="smfnet.cli.mcp"),
    "conventions": Command("smfnet.cli.conventions", "name the conventions that give a printed row of numbers"),
    "data": Command("smfnet.cli.data", "published data sets by name: check a copy, see its layout, get it"),
    "evaluate": Command("smfnet.cli.evaluate", "measure fused images with the field's metrics"),
    "fuse": Command("smfnet.cli.fuse", "fuse your own infrared and visible images"),
    "gallery": Command("smfnet.cli.gallery", "look at fused images of many methods beside their sources"),
    "tasks": Command("smfnet.cli.tasks", "detect or segment in fused images of many methods"),
}


@exit_code
def main(argv: list[str] | None = None) -> Answer | int:
    """Run ``smfnet COMMAND ...`` and return what it answers.

    Args:
        argv: what stands after ``smfnet``; None takes it from the process.
    """
    return dispatch("smfnet", COMMANDS, argv)


if __name__ == "__main__":
    raise SystemExit(main())
