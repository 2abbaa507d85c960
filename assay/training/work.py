"""A recipe put to work on a stage's job: bytes in, bytes out."""

from __future__ import annotations

from assay.stage import Diverged, StageJob, StageResult
from assay.training.loop import NotFinite, train_recipe
from assay.training.memory import forget_peak, peak_memory
from assay.training.precision import device_of
from assay.training.recipe import Recipe
from assay.training.state import State

__all__ = ["carried_out"]


def carried_out(recipe: Recipe, job: StageJob) -> StageResult:
    """Train a stage as its job says.

    Raises:
        Diverged: a loss or a gradient is not finite.
        UserError: no term of the loss has a gradient, or a state is none.
    """
    checkpoint = _state(job.checkpoint)
    device = device_of(recipe.settings)
    forget_peak(device)
    try:
        state = train_recipe(
            recipe,
            parent=_state(job.parent),
            checkpoint=checkpoint,
            save=lambda now: job.save(now.to_bytes()),
            report=job.report,
            after_epoch=job.after_epoch,
        )
    except NotFinite as error:
        raise Diverged(str(error), error.state.to_bytes()) from error
    first = checkpoint.epoch if checkpoint else recipe.stage.first_epoch
    return StageResult(
        state=state.to_bytes(),
        epochs=recipe.stage.last_epoch - first,
        log=tuple((entry.epoch, entry.terms) for entry in state.log),
        samples=recipe.samples,
        memory=peak_memory(device),
    )


def _state(data: bytes | None) -> State | None:
    return None if data is None else State.from_bytes(data)
