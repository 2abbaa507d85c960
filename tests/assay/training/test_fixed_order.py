"""Sums in a fixed order: PyTorch's switches are set and put back, and reflected borders fold as on the CPU."""

from __future__ import annotations

import gc
import os

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.functional import pad

from assay.training.fixed_order import fixed_order, reflected_borders, reflection_gradient


def _modes() -> tuple[object, ...]:
    return torch.get_deterministic_debug_mode(), torch.utils.deterministic.fill_uninitialized_memory


def test_the_switches_are_set_inside_and_come_back_even_after_an_error() -> None:
    before = _modes()

    def work() -> None:
        with fixed_order():
            assert torch.are_deterministic_algorithms_enabled()
            assert torch.is_deterministic_algorithms_warn_only_enabled()
            assert not torch.utils.deterministic.fill_uninitialized_memory
            assert os.environ["CUBLAS_WORKSPACE_CONFIG"]
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        work()
    assert _modes() == before


def _ours(dimensions: int) -> bool:
    kernels = torch._C._dispatch_dump(f"aten::reflection_pad{dimensions}d_backward").splitlines()
    return any(line.startswith("CUDA") and "fixed_order" in line for line in kernels)


@pytest.mark.parametrize("dimensions", [1, 2, 3])
def test_a_gpu_folds_reflected_borders_by_it_until_they_are_given_back(dimensions: int) -> None:
    with fixed_order():
        assert _ours(dimensions)
    reflected_borders.cache_clear()
    gc.collect()
    assert not _ours(dimensions)


@given(st.data(), st.integers(1, 3), st.integers(0, 10**6))
def test_the_gradient_is_that_of_the_cpu(data: st.DataObject, dimensions: int, seed: int) -> None:
    sides = data.draw(st.lists(st.integers(4, 7), min_size=dimensions, max_size=dimensions))
    padding = data.draw(st.lists(st.integers(-1, 3), min_size=2 * dimensions, max_size=2 * dimensions))
    generator = torch.Generator().manual_seed(seed)
    image = torch.rand(2, 3, *sides, generator=generator, dtype=torch.float64).requires_grad_()
    padded = pad(image, padding, mode="reflect")
    gradient = torch.rand(padded.shape, generator=generator, dtype=torch.float64)
    (expected,) = torch.autograd.grad(padded, image, gradient)
    torch.testing.assert_close(reflection_gradient(gradient, image, padding), expected, rtol=1e-14, atol=1e-15)


def test_channels_stay_last() -> None:
    gradient = torch.rand(2, 3, 7, 7).to(memory_format=torch.channels_last)
    folded = reflection_gradient(gradient, torch.empty(2, 3, 5, 5), (1, 1, 1, 1))
    assert folded.is_contiguous(memory_format=torch.channels_last)


def _step(network: torch.nn.Module, images: Tensor) -> list[Tensor]:
    network.zero_grad()
    network(images).square().mean().backward()
    return [parameter.grad.clone() for parameter in network.parameters() if parameter.grad is not None]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("mode", ["reflect", "replicate"])
def test_on_a_gpu_gradients_are_the_same_bits_every_time(mode: str) -> None:
    layers = [torch.nn.Conv2d(8, 8, 3, padding=1, padding_mode=mode, device="cuda") for _ in range(3)]
    images = torch.rand(4, 8, 96, 96, device="cuda")
    with fixed_order():
        torch.backends.cudnn.deterministic = True
        first, *others = (_step(torch.nn.Sequential(*layers), images) for _ in range(4))
    for other in others:
        assert all(torch.equal(a, b) for a, b in zip(first, other, strict=True))
