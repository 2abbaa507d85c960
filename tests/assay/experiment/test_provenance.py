"""A run says where, when and with what it was made."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

import assay
from assay.experiment import provenance as module
from assay.experiment.provenance import provenance
from smfnet.config.root import Config
from smfnet.study import study

MakeConfig = Callable[..., Config]


def test_everything_that_a_repetition_needs_is_named(tiny: MakeConfig, root: Path) -> None:
    made = provenance(study(), tiny({"seed": 3, "seeds": 2}), {"preset": "quick"})
    assert json.loads(json.dumps(made)) == made
    assert made["seeds"] == [3, 4]
    assert made["versions"]["assay"] == assay.__version__
    assert made["versions"]["torch"].split("+")[0] == torch.__version__.split("+")[0]
    assert made["choices"] == {"preset": "quick"}
    assert set(made["data"]) == {"train", "test"}
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=root, capture_output=True, text=True)
    if head.returncode == 0:
        assert made["git"]["commit"] == head.stdout.strip()


def test_an_installed_wheel_has_no_commit(tiny: MakeConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "__file__", str(tmp_path / "assay" / "experiment" / "provenance.py"))
    assert provenance(study(), tiny(), {})["git"] == {}


def test_a_storage_that_is_named_from_the_current_folder_is_told_from_the_root_too(
    tiny: MakeConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    made = provenance(study(), tiny({"storage": "runs/store"}), {})
    assert (made["storage"], made["storage_path"]) == ("runs/store", str(tmp_path / "runs/store"))
    for storage in (str(tmp_path / "store"), "s3://KEY:SECRET@bucket/store"):
        assert "storage_path" not in provenance(study(), tiny({"storage": storage}), {})
