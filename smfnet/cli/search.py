"""`python -m platform.search`: the engine's command, for SMFNet unless `--study` names another."""

from __future__ import annotations

from assay.cli import search as engine
from assay.cli.answer import Answer
from assay.cli.exit import exit_code

__all__ = ["SUMMARY", "main"]

SUMMARY = engine.SUMMARY

EXAMPLES = """\
examples:
  python -m platform.search alpha3 beta1                  two loss weights, 12 trials on generated scenes, in minutes
  python -m platform.search alpha3=1:32 lr=1e-4:1e-2:log  other ranges than those of --list
  python -m platform.search loss_weights --trials 100     a whole group
  python -m platform.search graph_branch=reasoning,none fusion_swap --sampler grid
  python -m platform.search alpha4 alpha5 --objective VIF,SSIM --sampler nsga2 --trials 60
  python -m platform.search alpha3 beta1 preset=standard data.root=DIR --seeds-per-trial 2 --within 10h
  python -m platform.search alpha3=2:20 beta1 --from DIR  with what an earlier search or ablation has already
  python -m platform.search alpha3 beta1 --plan           what would be trained at most, and for how long
  python -m platform.search --list                        every parameter, its range and the paper's value
  python -m platform.ablate --all base=DIR/best.yaml      the ablation around the best configuration

The same command again goes on where the last one stopped, after Ctrl-C or a crash too; with a larger --trials it goes
further. best.yaml is the best trial inside the ranges; defaults that lie outside are tried, but never the best. With
one worker (cluster.max_concurrent=1) the same search gives the same trials. It goes by SCD, which no copy of a source
wins, as one wins VIF, MI and SSIM; --objective names others. The study in DIR is a journal file of
Optuna: optuna-dashboard DIR/study.journal. Configuration: any key=value, as for platform.ablate. The exit code is 1 if
a trial failed (one that was stopped early has not), or if fewer could be confirmed than --best or --confirm asked for.
"""


@exit_code
def main(argv: list[str] | None = None) -> Answer:
    """Run the command; see the engine's for what is returned."""
    return engine.run(argv, "smfnet.study:study", EXAMPLES)


if __name__ == "__main__":
    raise SystemExit(main())
