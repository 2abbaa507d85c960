"""Does a small denoising U-Net need its skip connection, its lower level, its residual output? On made-up pictures.

assay ablate --study examples/denoise/denoise.py --all
assay search --study examples/denoise/denoise.py lr
"""

from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import nn

from assay import Metric, OptimConfig, Section, Shuffled, TorchConfig, TorchStudy, at_least

SPLITS = {"train": (64, 1), "val": (16, 2), "test": (32, 3)}  # pictures, seed


@dataclass(frozen=True)
class NetConfig(Section):
    """Channels, and which parts the network has."""

    width: int = at_least(1, 8, most=64)
    lower: bool = True
    skip: bool = True
    residual: bool = True


@dataclass(frozen=True)
class Config(TorchConfig):
    """The base."""

    net: NetConfig = field(default_factory=NetConfig)
    edges: float = at_least(0, 0.5)
    optim: OptimConfig = field(default_factory=lambda: OptimConfig(lr=3e-3, schedule="cosine"))


def block(inputs, outputs):
    """A convolution as it is used throughout."""
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, padding=1), nn.GroupNorm(1, outputs), nn.GELU())


class UNet(nn.Module):
    """Noisy pictures to clean ones, both (B, 1, H, W) in about 0..1, H and W even."""

    def __init__(self, net):
        super().__init__()
        self.net, self.first, self.last = net, block(1, net.width), nn.Conv2d(net.width, 1, 3, padding=1)
        self.low = block(net.width, 2 * net.width) if net.lower else nn.Identity()
        self.up = block((1 + net.lower + net.skip) * net.width, net.width)

    def forward(self, noisy):
        """The clean pictures."""
        high = self.first(noisy)
        low = F.interpolate(self.low(F.avg_pool2d(high, 2)), scale_factor=2.0)
        return self.last(self.up(torch.cat([low, high], 1) if self.net.skip else low)) + noisy * self.net.residual


def pictures(split, size=32):
    """Clean and noisy pictures of a split, (N, 1, size, size): squares of several greys."""
    count, seed = SPLITS[split]
    generator = torch.Generator().manual_seed(seed)
    clean = torch.full((count, 1, size, size), 0.5)
    for picture in clean:
        for top, left, extent, grey in torch.rand(6, 4, generator=generator):
            y, x, side = int(top * size), int(left * size), 3 + int(extent * 12)
            picture[:, y : y + side, x : x + side] = grey
    return clean, clean + 0.15 * torch.randn(clean.shape, generator=generator)


def gmsd(made, clean):
    """Gradient magnitude similarity deviation (Xue et al., IEEE TIP 23, 2014), without its halving of the pictures."""
    prewitt = torch.tensor([[1.0, 0.0, -1.0]] * 3) / 3
    kernels = torch.stack([prewitt, prewitt.T])[:, None]
    one, two = (F.conv2d(each, kernels, padding=1).square().sum(1).sqrt() for each in (made, clean))
    return ((2 * one * two + 0.0026) / (one**2 + two**2 + 0.0026)).flatten(1).std(1, correction=0)


class Denoise(TorchStudy):
    """Five rows, and the noisy picture itself."""

    config = Config
    metrics = (Metric("PSNR", "larger", unit="dB", decimals=2), Metric("GMSD", "smaller", decimals=4))
    parts = ("low", "first")
    sample = "picture"
    seeds = 4  # three would leave a restless row with an interval three times as long
    rules = {"noisy": "the noisy picture"}
    suite = {
        "baselines": ["noisy"],
        "rows": {
            "ours": {"title": "Ours"},
            "no_skip": {"title": "w/o skip connection", "changes": {"net.skip": False}},
            "no_lower": {"title": "w/o lower level", "changes": {"net.lower": False}},
            "no_residual": {"title": "w/o residual output", "changes": {"net.residual": False}},
            "no_edges": {"title": "w/o edge loss", "changes": {"edges": 0}},
        },
    }
    space = {"lr": {"path": "optim.lr", "range": [1e-4, 1e-1], "scale": "log", "meaning": "the rate"}}

    def build(self, config):
        return UNet(config.net)

    def batches(self, config, seed, epoch):
        return Shuffled(*pictures("train"), batch=8, seed=seed, epoch=epoch)

    def terms(self, network, batch, config):
        clean, noisy = batch
        error = network(noisy) - clean
        edges = error.diff(dim=-1).abs().mean() + error.diff(dim=-2).abs().mean()
        return {"l1": error.abs().mean(), "edges": (edges, config.edges)}

    def output(self, network, batch):
        return network(batch[1])

    def evaluate(self, network, config, split):
        clean, noisy = pictures(split)
        psnr = -10 * (network(noisy) - clean).square().flatten(1).mean(1).log10()
        each = zip(psnr.tolist(), gmsd(network(noisy), clean).tolist(), strict=True)
        return {f"picture {n}": {"PSNR": one, "GMSD": two} for n, (one, two) in enumerate(each)}

    def evaluate_rule(self, rule, config, split):
        return self.evaluate(nn.Identity(), config, split)
