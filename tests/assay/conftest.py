"""A study in a file, as a user has it: small enough to be trained in a second."""

from __future__ import annotations

from pathlib import Path

import pytest

LINE = """\
from dataclasses import dataclass, field

import torch

from assay import Metric, OptimConfig, Section, Shuffled, TorchConfig, TorchStudy, TrainConfig, at_least


@dataclass(frozen=True)
class NetConfig(Section):
    bias: bool = True
    width: int = at_least(1, 2, most=8)


@dataclass(frozen=True)
class Config(TorchConfig):
    net: NetConfig = field(default_factory=NetConfig)
    optim: OptimConfig = field(default_factory=lambda: OptimConfig(lr=0.05))
    train: TrainConfig = field(default_factory=lambda: TrainConfig(epochs=4, device="cpu"))


class Line(TorchStudy):
    config = Config
    metrics = (Metric("error", "smaller"),)
    seeds = 2
    suite = {
        "rows": {
            "ours": {"title": "Ours"},
            "no_bias": {"title": "w/o bias", "changes": {"net.bias": False}},
            "wide": {"title": "twice as wide", "changes": {"net.width": 4}},
        }
    }
    space = {"lr": {"path": "optim.lr", "range": [1e-3, 1e-1], "scale": "log"}}

    def build(self, config):
        width, bias = config.net.width, config.net.bias
        return torch.nn.Sequential(torch.nn.Linear(1, width), torch.nn.Linear(width, 1, bias=bias))

    def batches(self, config, seed, epoch):
        x = torch.linspace(-1, 1, 16)[:, None]
        return Shuffled(x, 2 * x + 3, batch=4, seed=seed, epoch=epoch)

    def terms(self, network, batch, config):
        x, y = batch
        return {"error": (network(x) - y).square().mean()}

    def evaluate(self, network, config, split):
        x = torch.linspace(-1, 1, 5 if split == "test" else 3)[:, None]
        errors = (network(x) - 2 * x - 3).abs().flatten().tolist()
        return {f"point{n}": {"error": error} for n, error in enumerate(errors)}
"""


@pytest.fixture
def line_study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file `line.py`, in the folder where we are, with a study `Line` of three rows in it."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "line.py"
    path.write_text(LINE)
    return path
