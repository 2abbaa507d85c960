"""`python -m platform.ablate`: the engine's command, for SMFNet unless `--study` names another."""

from __future__ import annotations

from assay.cli import ablate as engine
from assay.cli.answer import Answer
from assay.cli.exit import exit_code

__all__ = ["SUMMARY", "main"]

SUMMARY = engine.SUMMARY

EXAMPLES = """\
examples:
  python -m platform.ablate --all                       every row of Table 5 on generated scenes, in minutes
  python -m platform.ablate no_graph ours --seeds 5     two rows, five seeds each
  python -m platform.ablate --all --until-decided       more seeds for the rows that are open, at three looks
  python -m platform.ablate --all --within 10m          the best table that ten minutes allow for
  python -m platform.ablate --all --plan                what would be trained, shared and reused; trains nothing
  python -m platform.ablate --all data=roadscene data.root=DIR
  python -m platform.ablate --all preset=standard data.root=DIR storage=DIR --output runs/table5
  python -m platform.ablate --all profile=released      the authors' release instead of the paper's text
  python -m platform.ablate --pairs swap_fusion no_graph  what two parts do to each other
  python -m platform.ablate --list                      the rows of the suite

The same command again goes on where the last one stopped; what is in the storage is not trained again.
Configuration: any key=value of preset, profile, data, network, base, detail, graph, fuse, decoder, loss, train, optim,
sched, infer, metrics, cluster, seed, storage; base=FILE takes a YAML file, as a search writes it.
"""


@exit_code
def main(argv: list[str] | None = None) -> Answer:
    """Run the command.

    Returns:
        With code 0 if every row that was asked for finished, 1 if one failed.
    """
    return engine.run(argv, "smfnet.study:study", EXAMPLES)


if __name__ == "__main__":
    raise SystemExit(main())
