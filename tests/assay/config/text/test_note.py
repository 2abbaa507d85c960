"""A preset's note says what the configuration is, not what the preset was."""

from __future__ import annotations

from pathlib import Path

import pytest

from assay.config.compose import to_yaml
from assay.config.text.note import note_of
from smfnet.config.schema import SCHEMA, compose


def test_a_note_names_the_values_that_there_are() -> None:
    own = note_of(compose())
    assert own == (
        "preset quick (network.width=8 train.epochs=24 train.steps_per_epoch=6): the numbers are not comparable with "
        "the paper's"
    )
    other = note_of(compose(["train.epochs=30", "network.width=64", "train.steps_per_epoch=null"]))
    assert "(network.width=64 train.epochs=30 train.steps_per_epoch=null)" in other


@pytest.mark.parametrize("preset", SCHEMA.options("preset"))
def test_no_preset_states_a_number_that_can_be_changed(preset: str) -> None:
    """Whatever is a number in a note follows from a value: without these there is none."""
    note = compose([f"preset={preset}", "data=generated"]).note
    assert not [word for word in note.replace("{", " {").split() if any(map(str.isdigit, word)) and "{" not in word]
    assert "{" not in note_of(compose([f"preset={preset}", "data=generated"]))


def test_a_kept_configuration_does_not_keep_its_values_in_words(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(to_yaml(compose(["train.epochs=30"])))
    again = compose(["train.epochs=50"], base=tmp_path / "config.yaml")
    assert "train.epochs=50" in note_of(again)


@pytest.mark.parametrize(
    ("note", "told"),
    [
        ("", ""),
        ("{nosuch} {} {note} {seed.__class__} %s {seed!r}", "{nosuch} {} {note} {seed.__class__} %s {seed!r}"),
        ("{seed}{seed}", "20252025"),
        ("{storage}", "runs/store"),
        ("{metrics.table} {train.steps_per_epoch}", "[EN,SD,VIF,SSIM] 6"),
    ],
)
def test_only_values_are_filled_in(note: str, told: str) -> None:
    assert note_of(compose([f"note={note}"])) == told


def test_what_opens_a_store_is_not_told() -> None:
    assert note_of(compose(["note={storage}", "storage=s3://KEY:SECRET@bucket/path"])) == "s3://***@bucket/path"
