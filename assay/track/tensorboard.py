"""TensorBoard: a folder for each row and seed, with curves, metrics and hyperparameters; and one for the end."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

from assay.store.received.names import file_name
from assay.track.tracked import TrackedGroup, TrackedSummary, TrackedTrial

__all__ = ["TensorBoard"]

_EVENTS = "events.out.tfevents.*"


class TensorBoard:
    """Writes event files below the run's folder. A trial that is told again replaces its own.

    Numbers are in single precision, as TensorBoard's pages have them: its fast loader passes over others silently.

    Args:
        group: whose folder it is.
    """

    environment: ClassVar[Mapping[str, str]] = {}

    def __init__(self, group: TrackedGroup) -> None:
        self._root = Path(self.where(group))

    @staticmethod
    def where(group: TrackedGroup) -> str:
        """The folder."""
        return str(Path(group.place) / "tensorboard")

    @staticmethod
    def look(group: TrackedGroup) -> str:
        """How it is seen."""
        return f"tensorboard --logdir {TensorBoard.where(group)}"

    def trial(self, trial: TrackedTrial) -> None:
        """Write its folder."""
        from torch.utils.tensorboard.summary import hparams

        named = {name: trial.parameters.get(name) for name in trial.varied}
        named |= {"row": trial.row, "seed": trial.seed} if trial.row else {}
        parameters = {name: _parameter(value) for name, value in named.items()}
        with self._replaced(*_place(trial)) as writer:
            _write(writer, {**trial.curves, **_at_the_end(trial.metrics)})
            for part in hparams(parameters, dict(trial.metrics)):
                writer.file_writer.add_summary(part)
            if trial.reason:
                writer.add_text("state", f"{trial.state}: {trial.reason}")

    def summary(self, summary: TrackedSummary) -> None:
        """Write the table, verdicts and pictures."""
        import numpy as np
        from PIL import Image

        with self._replaced("summary") as writer:
            _write(writer, _at_the_end(summary.metrics))
            for name, text in summary.texts.items():
                writer.add_text(name, text)
            words = "\n".join(f"| {name} | {word} |" for name, word in summary.words.items())
            writer.add_text("verdicts", f"| cell | verdict |\n| --- | --- |\n{words}")
            for name, path in summary.images.items():
                writer.add_image(name, np.asarray(Image.open(path).convert("RGB")), dataformats="HWC")

    def close(self) -> None:
        """All is written."""

    @contextmanager
    def _replaced(self, *place: str) -> Iterator[Any]:
        """A writer whose file takes the place of those that a folder has, when it is whole."""
        from torch.utils.tensorboard import SummaryWriter

        part, folder = self._root.with_name(".tensorboard.part"), self._root.joinpath(*place)
        shutil.rmtree(part, ignore_errors=True)
        with SummaryWriter(str(part)) as writer:
            yield writer
        folder.mkdir(parents=True, exist_ok=True)
        before = list(folder.glob(_EVENTS))
        for path in part.glob(_EVENTS):
            path.replace(folder / path.name)
        for path in before:
            path.unlink(missing_ok=True)
        shutil.rmtree(part, ignore_errors=True)


def _place(trial: TrackedTrial) -> tuple[str, ...]:
    if not trial.row:
        return (file_name(trial.id),)
    return (file_name(trial.row), f"seed{trial.seed}") if trial.seed >= 0 else (file_name(trial.row),)


def _at_the_end(metrics: Mapping[str, float]) -> dict[str, tuple[tuple[int, float], ...]]:
    return {name: ((0, value),) for name, value in metrics.items()}


def _write(writer: Any, lines: Mapping[str, tuple[tuple[int, float], ...]]) -> None:
    for name, line in lines.items():
        for step, value in line:
            writer.add_scalar(name, value, step)


def _parameter(value: Any) -> Any:
    return value if isinstance(value, bool | int | float | str) else str(value)
