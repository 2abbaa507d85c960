"""`ablate --rerun`: one stored trial trained again, and what that says."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING

from assay.cli.answer import Answer
from assay.cli.exit import FAILED

if TYPE_CHECKING:
    from assay.documents.envelope import Result
    from assay.launch.rerun import Again
    from assay.stage import Progress
    from assay.study import Study

__all__ = ["trained_again"]


def trained_again(study: Study, name: str, storage: str | None) -> Answer:
    """Train it, and compare; see `assay.launch.rerun.rerun`.

    Returns:
        With code 0 if every metric of every image is the same, 1 if not, or if the trial fails now.
    """
    from assay.launch.rerun import rerun

    again = rerun(study, name, storage, partial(print, file=sys.stderr), _show if sys.stderr.isatty() else None)

    def result() -> Result:
        from assay.documents.kept import Rerun

        return Rerun.model_validate(vars(again))

    told = [f"{again.trial} fails now, and was finished then: {again.failure}"] if again.failure else []
    return Answer(partial(_print, again), result, FAILED if again.failure or again.differing else 0, told=told)


def _show(progress: Progress) -> None:
    if not progress.steps:
        return
    text = f"\r{progress.stage} {progress.step}/{progress.steps} loss {progress.loss:.4f} {progress.eta_s:.0f} s left  "
    print(text, end="" if progress.step < progress.steps else "\n", file=sys.stderr, flush=True)


def _print(again: Again) -> None:
    if again.failure:
        return
    if again.not_compared:
        print(f"{again.trial}: not compared, since the stored trial lacks them: {', '.join(again.not_compared)}")
    if not again.differing:
        print(f"{again.trial}: the same numbers, {again.numbers} of {again.numbers}")
        return
    print(f"{again.trial}: {again.differing} of {again.numbers} numbers differ; largest difference by metric:")
    for metric, size in again.largest.items():
        print(f"{metric}  {size:g}")
