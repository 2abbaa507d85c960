"""What TensorBoard's own reader finds is what was told, in all digits of single precision."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from assay.track.tensorboard import TensorBoard, _place
from assay.track.tracked import TrackedGroup, TrackedSummary, TrackedTrial
from tests.assay.track.readers import single, tensorboard_values


@pytest.fixture
def needed() -> None:
    pytest.importorskip("tensorboard", reason="the extra tensorboard is not installed: make trackers has it")


@pytest.mark.parametrize(
    ("row", "seed", "place"),
    [("ours", 3, ("ours", "seed3")), ("w/o x", 0, ("w%2Fo x", "seed0")), ("max", -1, ("max",)), ("", -1, ("a-seed7",))],
)
def test_each_row_and_seed_has_a_folder(trial: TrackedTrial, row: str, seed: int, place: tuple[str, ...]) -> None:
    assert _place(replace(trial, id="a-seed7", row=row, seed=seed)) == place


def test_a_trial_as_its_reader_sees_it(group: TrackedGroup, trial: TrackedTrial, needed: None) -> None:
    TensorBoard(group).trial(trial)
    folder = Path(group.place) / "tensorboard" / "no_bias" / "seed7"
    found = tensorboard_values(folder)
    expected = {name: [(step, single(value)) for step, value in line] for name, line in trial.curves.items()}
    assert found == expected | {name: [(0, single(value))] for name, value in trial.metrics.items()}
    assert {path.name for path in Path(group.place).joinpath("tensorboard").rglob("*") if path.is_file()} == {
        path.name for path in folder.iterdir()
    }


def test_its_hyperparameters_stand_beside_its_metrics(group: TrackedGroup, trial: TrackedTrial, needed: None) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.plugins.hparams import metadata

    TensorBoard(group).trial(trial)
    events = EventAccumulator(str(Path(group.place) / "tensorboard" / "no_bias" / "seed7")).Reload()
    content = events.PluginTagToContent("hparams")
    start = metadata.parse_session_start_info_plugin_data(content[metadata.SESSION_START_INFO_TAG])
    assert start.hparams["net.bias"].bool_value is False
    assert (start.hparams["row"].string_value, start.hparams["seed"].number_value) == ("no_bias", 7)
    experiment = metadata.parse_experiment_plugin_data(content[metadata.EXPERIMENT_TAG])
    assert {each.name.tag for each in experiment.metric_infos} == set(trial.metrics)


def test_a_trial_that_is_told_again_replaces_its_file(group: TrackedGroup, trial: TrackedTrial, needed: None) -> None:
    tracker = TensorBoard(group)
    tracker.trial(replace(trial, state="failed", reason="it fell", metrics={}, curves={}))
    tracker.trial(trial)
    folder = Path(group.place) / "tensorboard" / "no_bias" / "seed7"
    assert len(list(folder.iterdir())) == 1
    assert tensorboard_values(folder)["accuracy"] == [(0, single(0.1 + 0.2))]


def test_the_end_has_table_words_and_pictures(group: TrackedGroup, tmp_path: Path, needed: None) -> None:
    picture = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)
    Image.fromarray(picture).save(tmp_path / "a.png")
    summary = TrackedSummary(
        metrics={"EN/ours": 1 / 3},
        words={"EN/ours": "better"},
        texts={"table": "| a |"},
        images={"ours/a": str(tmp_path / "a.png")},
    )
    TensorBoard(group).summary(summary)
    folder = Path(group.place) / "tensorboard" / "summary"
    found = tensorboard_values(folder)
    assert found["EN/ours"] == [(0, single(1 / 3))]
    assert found["table/text_summary"] == [(0, b"| a |")]
    assert b"| EN/ours | better |" in found["verdicts/text_summary"][0][1]
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    (image,) = EventAccumulator(str(folder)).Reload().Images("ours/a")
    (tmp_path / "b.png").write_bytes(image.encoded_image_string)
    assert (np.asarray(Image.open(tmp_path / "b.png")) == picture).all()
