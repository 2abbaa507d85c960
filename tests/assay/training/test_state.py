"""A state is everything that a stage needs, and comes back from its bytes as it was."""

from __future__ import annotations

import json

import pytest
import safetensors.torch
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from assay.config.errors import UserError
from assay.training.state import EpochLog, State, capture, restore_model, restore_optimizer


def _network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2))


def _trained() -> tuple[nn.Sequential, torch.optim.Optimizer]:
    network = _network()
    optimizer = torch.optim.Adam(network.parameters(), fused=True)
    network(torch.rand(2, 1, 5, 5)).square().mean().backward()
    optimizer.step()
    return network, optimizer


@settings(deadline=None)
@given(
    values=st.dictionaries(
        st.text("abc.", min_size=1, max_size=4).map(lambda name: f"sum.{name}"),
        st.lists(st.floats(width=64), min_size=1, max_size=3),
        max_size=3,
    ),
    epoch=st.integers(0, 999),
    step=st.integers(0, 999),
    log=st.lists(st.dictionaries(st.text(max_size=3), st.tuples(st.floats(0, 9), st.floats(-9, 9)), max_size=2)),
)
def test_bytes_and_back(
    values: dict[str, list[float]], epoch: int, step: int, log: list[dict[str, tuple[float, float]]]
) -> None:
    tensors = {name: torch.tensor(numbers, dtype=torch.float64) for name, numbers in values.items()}
    state = State(tensors, epoch, step, tuple(EpochLog(k, terms) for k, terms in enumerate(log)))
    data = state.to_bytes()
    again = State.from_bytes(data)
    assert (again.epoch, again.step, again.log) == (state.epoch, state.step, state.log)
    assert again.to_bytes() == data
    for name, tensor in tensors.items():
        assert torch.equal(again.tensors[name].view(torch.int64), tensor.view(torch.int64))  # NaN and -0 too


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not safetensors at all",
        safetensors.torch.save({"model.x": torch.zeros(1)}),
        safetensors.torch.save({}, metadata={"state": "{"}),
        safetensors.torch.save({}, metadata={"state": json.dumps({"epoch": 1, "step": 2})}),
        safetensors.torch.save({}, metadata={"state": json.dumps({"epoch": 1, "step": 2, "log": [3]})}),
        safetensors.torch.save({}, metadata={"state": json.dumps({"epoch": 1, "step": 2, "log": [[1, []]]})}),
        safetensors.torch.save({}, metadata={"state": json.dumps({"epoch": "1", "step": 2, "log": []})}),
        safetensors.torch.save({}, metadata={"state": "[" * 100_000}),
    ],
)
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(UserError, match="expected the state of a stage"):
        State.from_bytes(data)


def test_half_a_file_is_refused() -> None:
    network, optimizer = _trained()
    data = capture(network, optimizer, {}, 0, 0, ()).to_bytes()
    with pytest.raises(UserError):
        State.from_bytes(data[: len(data) // 2])


def test_a_state_is_a_copy() -> None:
    network, optimizer = _trained()
    state = capture(network, optimizer, {}, 0, 1, ())
    data = state.to_bytes()
    network(torch.rand(2, 1, 5, 5)).square().mean().backward()
    optimizer.step()
    assert state.to_bytes() == data


def test_the_next_step_after_a_restored_state_is_the_one_that_would_have_been() -> None:
    network, optimizer = _trained()
    state = State.from_bytes(capture(network, optimizer, {}, 0, 1, ()).to_bytes())
    other = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2))
    other_optimizer = torch.optim.Adam(other.parameters(), fused=True)
    restore_model(other, state)
    restore_optimizer(other, other_optimizer, state)
    batch = torch.rand(2, 1, 5, 5)
    for net, opt in ((network, optimizer), (other, other_optimizer)):
        opt.zero_grad()
        net(batch).square().mean().backward()
        opt.step()
    assert all(
        torch.equal(a, b) for a, b in zip(network.state_dict().values(), other.state_dict().values(), strict=True)
    )


def test_moments_go_only_to_parameters_that_the_optimiser_holds() -> None:
    network, optimizer = _trained()
    state = capture(network, optimizer, {}, 0, 1, ())
    other = torch.optim.Adam(network[1].parameters(), fused=True)
    restore_optimizer(network, other, state)
    assert set(other.state) == set(network[1].parameters())


def test_parts_that_are_absent_stay_as_they_are_if_that_is_allowed() -> None:
    network, optimizer = _trained()
    state = capture(network, optimizer, {}, 0, 1, (), absent=("1",))
    assert {name.split(".")[1] for name in state.tensors if name.startswith("model.")} == {"0"}
    other = _network()
    restore_model(other, state, partial=True)
    assert torch.equal(other[0].weight, network[0].weight)
    assert torch.equal(other[1].running_mean, torch.zeros(2))
    with pytest.raises(RuntimeError, match="Missing key"):
        restore_model(_network(), state)
    smaller = nn.Sequential(nn.Conv2d(1, 2, 3, bias=network[0].bias is not None))
    restore_model(smaller, capture(network, optimizer, {}, 0, 1, ()), partial=True)  # what it lacks is passed over
    assert torch.equal(smaller[0].weight, network[0].weight)
    with pytest.raises(RuntimeError, match="Unexpected key"):
        restore_model(smaller, capture(network, optimizer, {}, 0, 1, ()))
