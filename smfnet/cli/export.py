"""`python -m platform.export`: the engine's command, for SMFNet unless `--study` names another."""

from __future__ import annotations

from assay.cli import export as engine
from assay.cli.answer import Answer
from assay.cli.exit import exit_code

__all__ = ["SUMMARY", "main"]

SUMMARY = engine.SUMMARY

EXAMPLES = engine.EXAMPLES.replace(
    "runs/NAME --study my_study.py --models NAME.zip   and the networks for other programs",
    "runs/table5 --models table5.zip             and the network as an ONNX file",
)


@exit_code
def main(argv: list[str] | None = None) -> Answer:
    """Run the command; with code 1 if `--all` was asked for and a training of the run has not finished."""
    return engine.run(argv, "smfnet.study:study", EXAMPLES)


if __name__ == "__main__":
    raise SystemExit(main())
