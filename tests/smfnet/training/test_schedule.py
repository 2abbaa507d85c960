"""The learning rate in closed form is that of torch's own StepLR, stepped epoch by epoch."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.optim.lr_scheduler import StepLR

from smfnet.config.training import OptimConfig, SchedConfig
from smfnet.training import learning_rate


def _stepped(optim: OptimConfig, sched: SchedConfig, epochs: int) -> list[float]:
    """The rate in every epoch of a clock that starts at its epoch 0."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=optim.lr)
    clock = StepLR(optimizer, sched.step, sched.gamma)
    rates = []
    for _ in range(epochs):
        rates.append(max(clock.get_last_lr()[0], sched.floor))
        optimizer.step()
        clock.step()
    return rates


@settings(max_examples=40, deadline=None)
@given(
    step=st.integers(1, 7),
    gamma=st.floats(0.05, 1),
    floor=st.sampled_from([0.0, 1e-6, 1e-3]),
    start=st.integers(0, 12),
    restart=st.booleans(),
)
def test_it_is_steplr(step: int, gamma: float, floor: float, start: int, restart: bool) -> None:
    optim, sched = OptimConfig(lr=2e-3), SchedConfig(step, gamma, floor, restart)
    rates = _stepped(optim, sched, 20)
    for epoch in range(start, 20):
        for part, since in (("enc", start if restart else 0), ("graph", start if restart else 0), ("base_fuse", start)):
            assert learning_rate(optim, sched, part, epoch, start) == pytest.approx(rates[epoch - since], rel=1e-12)


@pytest.mark.parametrize(
    ("part", "epoch", "rate"),
    [
        ("enc", 0, 1e-4),
        ("dec", 19, 1e-4),
        ("dec", 20, 5e-5),
        ("enc", 40, 2.5e-5),
        ("graph", 40, 2.5e-5),
        ("base_fuse", 40, 1e-4),
        ("detail_fuse", 59, 1e-4),
        ("detail_fuse", 60, 5e-5),
        ("enc", 119, 3.125e-6),
        ("base_fuse", 119, 1.25e-5),
    ],
)
def test_the_papers_recipe(part: str, epoch: int, rate: float) -> None:
    start = 0 if epoch < 40 else 40
    assert learning_rate(OptimConfig(), SchedConfig(), part, epoch, start) == pytest.approx(rate, rel=1e-12)
