"""Is it worth training an encoder on many pictures without labels, before a classifier learns from a few with them?

The first stage is shared: rows that differ in the second alone are trained from the same encoder.

    assay ablate --study examples/pretraining/pretraining.py --all
"""

from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import nn

from assay import Metric, OptimConfig, Section, Shuffled, TorchConfig, TorchStudy, TrainConfig, at_least

SPLITS = {"unlabelled": (600, 1), "labelled": (40, 2), "val": (100, 3), "test": (200, 4)}  # pictures, seed
BEFORE, AFTER = "pretrain", "classify"


@dataclass(frozen=True)
class LengthConfig(TrainConfig):
    """Both stages together, and the first one."""

    epochs: int = at_least(1, 40, ignored_by=(BEFORE,))
    pretrain: int = at_least(0, 10)


@dataclass(frozen=True)
class HeadConfig(Section):
    """The classifier; the first stage has nothing to do with it."""

    hidden: int = at_least(0, 32, ignored_by=(BEFORE,))
    dropout: float = at_least(0, 0.2, most=0.9, ignored_by=(BEFORE,))
    frozen: bool = False


@dataclass(frozen=True)
class Config(TorchConfig):
    """The base."""

    head: HeadConfig = field(default_factory=HeadConfig)
    noise: float = at_least(0, 0.5)
    optim: OptimConfig = field(default_factory=lambda: OptimConfig(lr=3e-3))
    train: LengthConfig = field(default_factory=LengthConfig)


def block(inputs, outputs):
    """A convolution that halves the picture."""
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, stride=2, padding=1), nn.GroupNorm(1, outputs), nn.GELU())


def pictures(split, noise, size=16):
    """Noisy pictures of a bar in one of four directions, (N, 1, size, size), their clean ones, and the direction."""
    count, seed = SPLITS[split]
    generator = torch.Generator().manual_seed(seed)
    label, shift = torch.randint(4, (count,), generator=generator), torch.randn(count, generator=generator)
    y, x = torch.meshgrid(*2 * [torch.linspace(-4, 4, size)], indexing="ij")
    angle = label[:, None, None] * torch.pi / 4
    clean = (-(((x * angle.cos() + y * angle.sin()) - shift[:, None, None]) ** 2)).exp()[:, None]
    return clean + noise * torch.randn(clean.shape, generator=generator), clean, label


class Pretraining(TorchStudy):
    """Accuracy of a picture is 1 or 0; its surprise is the cross-entropy of its label."""

    config = Config
    metrics = (Metric("accuracy", "larger", decimals=3), Metric("surprise", "smaller", unit="nat", decimals=3))
    phases = {BEFORE: "train.pretrain", AFTER: "train.epochs"}
    sample = "picture"
    seeds = 16  # what four seeds said that it takes
    suite = {
        "rows": {
            "ours": {"title": "Ours"},
            "no_pretraining": {"title": "w/o the first stage", "changes": {"train.pretrain": 0}},
            "frozen": {"title": "encoder frozen", "changes": {"head.frozen": True}},
            "linear": {"title": "linear classifier", "changes": {"head.hidden": 0}},
            "no_dropout": {"title": "w/o dropout", "changes": {"head.dropout": 0}},
        }
    }

    def phase_build(self, phase, config):
        network = nn.ModuleDict({"encoder": nn.Sequential(block(1, 8), block(8, 16))})
        if phase == BEFORE:
            network["decoder"] = nn.Sequential(nn.Conv2d(16, 16, 3, padding=1), nn.PixelShuffle(4))
            return network
        hidden, drop = config.head.hidden, nn.Dropout(config.head.dropout)
        layers = (
            [nn.Linear(256, hidden), nn.GELU(), drop, nn.Linear(hidden, 4)] if hidden else [drop, nn.Linear(256, 4)]
        )
        network["head"] = nn.Sequential(nn.Flatten(), *layers)
        return network

    def phase_batches(self, phase, config, seed, epoch):
        split = "unlabelled" if phase == BEFORE else "labelled"
        return Shuffled(*pictures(split, config.noise), batch=20, seed=seed, epoch=epoch)

    def phase_modules(self, phase, network, config):
        frozen = phase == AFTER and config.head.frozen
        return {name: part for name, part in network.items() if not frozen or name == "head"}

    def phase_terms(self, phase, network, batch, config):
        noisy, clean, label = batch
        features = network["encoder"](noisy)
        if phase == BEFORE:
            return {"picture": F.mse_loss(network["decoder"](features), clean)}
        return {"label": F.cross_entropy(network["head"](features), label)}

    def output(self, network, batch):
        return network["head"](network["encoder"](batch[0]))

    def evaluate(self, network, config, split):
        noisy, _, label = pictures(split, config.noise)
        guess = self.output(network, (noisy,))
        right, surprise = (guess.argmax(1) == label).float(), F.cross_entropy(guess, label, reduction="none")
        each = enumerate(zip(right.tolist(), surprise.tolist(), strict=True))
        return {f"picture {n}": {"accuracy": one, "surprise": two} for n, (one, two) in each}
