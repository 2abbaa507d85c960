"""From words to a configuration that is checked whole, data and device included."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from assay.config.compose import to_yaml
from assay.config.errors import UserError
from assay.launch.request.configuration import configuration
from smfnet.study import study


def test_the_device_is_resolved_and_choices_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    for available, device in ((False, "cpu"), (True, "cuda")):
        monkeypatch.setattr("torch.cuda.is_available", lambda available=available: available)
        config, choices = configuration(study(), ["profile=released"])
        assert config.train.device == device
        assert choices == {"preset": "quick", "profile": "released", "data": "generated"}


def test_a_clusters_gpus_count_instead_of_this_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    devices = {"ray://head": "cuda", "ray://small": "cpu"}
    monkeypatch.setattr("assay.cluster.check_answers", lambda address: None)
    monkeypatch.setattr("assay.cluster.cluster_device", devices.__getitem__)
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert configuration(study(), [], address="ray://head")[0].train.device == "cuda"
    assert configuration(study(), ["train.device=cuda"], address="ray://head")[0].train.device == "cuda"
    assert configuration(study(), [], address="ray://small")[0].train.device == "cpu"
    with pytest.raises(UserError, match="no node of the cluster at ray://small has a GPU"):
        configuration(study(), ["train.device=cuda"], address="ray://small")
    assert configuration(study(), ["train.device=cpu"], address="ray://head")[0].train.device == "cpu"


def test_a_file_is_a_base_for_the_words(tmp_path: Path) -> None:
    (tmp_path / "best.yaml").write_text("optim: {lr: 3.0e-4, clip_norm: 0.5}\n")
    config, _ = configuration(study(), [f"base={tmp_path}/best.yaml", "optim.lr=1e-5"])
    assert (config.optim.lr, config.optim.clip_norm) == (1e-5, 0.5)


def test_the_data_are_looked_at(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=str(tmp_path)):
        configuration(study(), ["data=folder", f"data.root={tmp_path}"])


def test_percentiles_become_the_values_that_they_are(tmp_path: Path) -> None:
    for part in ("train", "test"):
        for kind, shape in (("ir", (24, 32)), ("vi", (24, 32, 3))):
            folder = tmp_path / part / kind
            folder.mkdir(parents=True)
            pixels = np.random.default_rng(len(kind + part)).integers(40, 201, shape, dtype=np.uint8)
            pixels[0, :2] = [[40], [200]] if kind == "vi" else [40, 200]
            Image.fromarray(pixels).save(folder / "a.png")
    words = [
        "data=folder",
        f"data.root={tmp_path}",
        "data.val_pairs=0",
        "data.patch=16",
        "data.drop_low_contrast=false",
    ]
    config, _ = configuration(study(), [*words, "data.ir_range=0%:100%", "data.vi_range=30:50"])
    assert (config.data.ir_range, config.data.vi_range) == ("40:200", "30:50")
    (tmp_path / "config.yaml").write_text(to_yaml(config))  # YAML 1.1 takes a bare 30:50 for a number, to the base 60
    again, _ = configuration(study(), [f"base={tmp_path}/config.yaml"])
    assert again.data == config.data
