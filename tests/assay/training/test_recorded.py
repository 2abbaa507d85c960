"""Recorded passes: what can be held without a GPU, and what needs one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from kornia.filters import spatial_gradient
from torch.utils._python_dispatch import TorchDispatchMode

from assay.training.loop import NotFinite
from assay.training.recorded import KeptConstants
from assay.training.state import State
from smfnet.data import Patches
from smfnet.training import Stage
from smfnet.training.recipe import train_stage

MakeStage = Callable[..., Stage]


def test_a_constant_is_made_once_and_everything_else_as_always() -> None:
    with KeptConstants():
        assert torch.tensor([[1.0, 2.0]]) is torch.tensor([[1.0, 2.0]])
        assert torch.tensor([1.0]) is not torch.tensor([1])
        assert torch.tensor([1.0], dtype=torch.float64).dtype == torch.float64
        assert torch.tensor(2.0, requires_grad=True) is not torch.tensor(2.0, requires_grad=True)
        assert torch.ones(2) is not torch.ones(2)
    assert torch.tensor([1.0]) is not torch.tensor([1.0])


def test_a_library_that_writes_its_filter_as_numbers_copies_nothing_from_the_host_the_second_time() -> None:
    image, made = torch.rand(1, 1, 8, 8), _Made()
    with KeptConstants():
        first = spatial_gradient(image)
        with made:
            second = spatial_gradient(image)
    assert torch.equal(first, second)
    assert not made.constants


class _Made(TorchDispatchMode):
    """Counts constants, and looks at single numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.constants = self.looks = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
        self.constants += func is torch.ops.aten.lift_fresh.default
        self.looks += func in (torch.ops.aten._local_scalar_dense.default, torch.ops.aten.is_nonzero.default)
        return func(*args, **kwargs or {})


@pytest.mark.parametrize("kind", ["stage1", "stage2", "joint"])
def test_a_step_looks_at_no_number_before_its_end(make_stage: MakeStage, patches: Patches, kind: str) -> None:
    """On a GPU each look is a wait, and a pass with one cannot be recorded."""
    stage, counted = make_stage(kind, {"train.checkpoint_s": 3600}), _Made()
    with counted:
        state = train_stage(stage, patches)
    assert counted.looks == sum(len(entry.terms) for entry in state.log)  # the means of an epoch


@pytest.mark.parametrize("kind", ["stage1", "stage2"])
def test_channels_last_is_the_same_training_up_to_rounding(make_stage: MakeStage, patches: Patches, kind: str) -> None:
    first, other = (
        _trained(make_stage, patches, kind, {"train.channels_last": on, "train.epochs": 3}) for on in (False, True)
    )
    assert _means(other) == pytest.approx(_means(first), rel=1e-2)


def test_channels_last_goes_on_from_a_checkpoint_bit_for_bit(make_stage: MakeStage, patches: Patches) -> None:
    stage, saved = make_stage("stage1", {"train.channels_last": True}), list[State]()
    whole = train_stage(stage, patches, save=saved.append)
    assert train_stage(stage, patches, checkpoint=saved[1]).to_bytes() == whole.to_bytes()


def test_a_graph_means_nothing_to_a_cpu(make_stage: MakeStage, patches: Patches) -> None:
    plain, asked = (make_stage("stage1", {"train.cuda_graph": on}) for on in (False, True))
    assert train_stage(plain, patches).to_bytes() == train_stage(asked, patches).to_bytes()


def _trained(make_stage: MakeStage, patches: Patches, kind: str, changes: dict[str, object]) -> State:
    parent = train_stage(make_stage("stage1", changes), patches)
    return parent if kind == "stage1" else train_stage(make_stage("stage2", changes), patches, parent=parent)


@pytest.fixture
def gpu() -> dict[str, object]:
    """Changes that put a stage on the GPU."""
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    return {"train.device": "cuda"}


_PRECISIONS = [{}, {"train.tf32": True}, {"train.bf16": True, "train.channels_last": True}]


@pytest.mark.gpu
@pytest.mark.parametrize("kind", ["stage1", "stage2", "joint"])
@pytest.mark.parametrize("precision", _PRECISIONS)
def test_the_first_recorded_step_is_that_of_an_unrecorded_training(
    make_stage: MakeStage, patches: Patches, gpu: dict[str, object], kind: str, precision: dict[str, object]
) -> None:
    plain, recorded = (
        _losses(make_stage(kind, gpu | precision | {"train.cuda_graph": on}), patches) for on in (False, True)
    )
    assert recorded[0] == pytest.approx(plain[0], rel=1e-2 if precision else 1e-5)
    assert recorded[1] == pytest.approx(plain[1], rel=5e-2 if precision else 1e-3)  # so the gradients were right


def _losses(stage: Stage, patches: Patches) -> list[float]:
    losses: list[float] = []
    train_stage(stage, patches, report=lambda progress: losses.append(progress.loss))
    return losses


@pytest.mark.gpu
@pytest.mark.parametrize("kind", ["stage1", "stage2"])
@pytest.mark.parametrize("precision", _PRECISIONS)
def test_a_recorded_training_ends_where_an_unrecorded_one_does(
    make_stage: MakeStage, patches: Patches, gpu: dict[str, object], kind: str, precision: dict[str, object]
) -> None:
    """Five patches, two a step: the last step of an epoch is smaller, and not recorded.

    A training as small as this wanders by a tenth where bf16 rounds another way.
    """
    plain = _trained(make_stage, patches, kind, gpu | precision)
    recorded = _trained(make_stage, patches, kind, gpu | precision | {"train.cuda_graph": True})
    assert _means(recorded) == pytest.approx(_means(plain), rel=0.3 if "train.bf16" in precision else 0.05, abs=1e-4)


def _means(state: State) -> dict[str, float]:
    """Of every term over the last epoch; single weights wander, where Adam divides a gradient near zero by itself."""
    return {name: value for name, (_, value) in state.log[-1].terms.items()}


@pytest.mark.gpu
def test_a_recorded_step_that_is_not_finite_changes_nothing(
    make_stage: MakeStage, patches: Patches, gpu: dict[str, object]
) -> None:
    stage = make_stage("stage1", gpu | {"train.cuda_graph": True, "optim.lr": 1e30})
    with pytest.raises(NotFinite, match="not finite at epoch") as raised:
        train_stage(stage, patches)
    assert all(tensor.isfinite().all() for tensor in raised.value.state.tensors.values())
