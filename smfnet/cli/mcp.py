"""`python -m platform.mcp`: the engine's command, for SMFNet unless `--study` names another."""

from __future__ import annotations

from assay.cli import mcp as engine
from assay.cli.exit import exit_code

__all__ = ["SUMMARY", "main"]

SUMMARY = engine.SUMMARY

EXAMPLES = engine.EXAMPLES.replace(" --study my_study.py", "").replace("train.epochs=6", "preset=quick")


@exit_code
def main(argv: list[str] | None = None) -> int:
    """Run the command; 0 when the client goes away."""
    return engine.serve(engine.command_options(argv, EXAMPLES), "smfnet.study:study")


if __name__ == "__main__":
    raise SystemExit(main())
