"""One stage, from its start or from any checkpoint, on the CPU: the same to the last bit."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import nn
from torch.optim.lr_scheduler import StepLR

from assay.config.errors import UserError
from assay.stage import Progress
from assay.training.loop import NotFinite
from assay.training.state import State, restore_model
from assay.training.term import total
from smfnet.data import Patches, batches
from smfnet.model import SMFNet
from smfnet.training import Stage, stage_network, stage_terms
from smfnet.training.recipe import train_stage

MakeStage = Callable[..., Stage]
KINDS = ["stage1", "stage2", "joint"]
STEPS = 3  # an epoch: five patches, two a step


@pytest.fixture(scope="module")
def stage1_state(make_stage: MakeStage, patches: Patches) -> State:
    """The end of stage I, the parent of stage II."""
    return train_stage(make_stage("stage1"), patches)


@pytest.fixture
def parent_of(stage1_state: State) -> Callable[[str], State | None]:
    return lambda kind: stage1_state if kind == "stage2" else None


def _weights(state: State, *parts: str) -> dict[str, torch.Tensor]:
    names = tuple(f"model.{part}." for part in parts) or "model."
    return {name: tensor for name, tensor in state.tensors.items() if name.startswith(names)}


def _equal(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(tensor, other[name]) for name, tensor in one.items())


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_stage_gives_the_same_bytes_whatever_else_the_process_does(
    make_stage: MakeStage, patches: Patches, parent_of: Callable[[str], State | None], kind: str
) -> None:
    first = train_stage(make_stage(kind), patches, parent=parent_of(kind)).to_bytes()
    torch.manual_seed(99)
    threads = torch.get_num_threads()
    torch.set_num_threads(threads + 1)
    try:
        second = train_stage(make_stage(kind), patches, parent=parent_of(kind)).to_bytes()
        assert torch.get_num_threads() == threads + 1
    finally:
        torch.set_num_threads(threads)
    assert first == second


def test_who_looks_at_the_network_after_each_epoch_changes_nothing(
    make_stage: MakeStage, patches: Patches, stage1_state: State
) -> None:
    seen: list[tuple[int, float]] = []

    @torch.inference_mode()
    def look(epochs: int, network: SMFNet) -> None:
        assert not network.training
        seen.append((epochs, network.fuse(patches.ir, patches.vi).std().item()))

    stage = make_stage("stage2")
    watched = train_stage(stage, patches, parent=stage1_state, after_epoch=look)
    assert watched.to_bytes() == train_stage(stage, patches, parent=stage1_state).to_bytes()
    assert [epochs for epochs, _ in seen] == [1, 2, 3]
    assert len({spread for _, spread in seen}) == 3


def test_every_step_adds_up_in_a_fixed_order_and_whoever_calls_does_as_before(
    make_stage: MakeStage, patches: Patches
) -> None:
    seen = []
    train_stage(
        make_stage("stage1"), patches, report=lambda _: seen.append(torch.are_deterministic_algorithms_enabled())
    )
    assert set(seen) == {True}
    assert not torch.are_deterministic_algorithms_enabled()


def test_it_leaves_the_global_generator_alone(make_stage: MakeStage, patches: Patches) -> None:
    before = torch.get_rng_state()
    train_stage(make_stage("stage1"), patches)
    assert torch.equal(torch.get_rng_state(), before)


def test_another_seed_gives_other_weights(make_stage: MakeStage, patches: Patches, stage1_state: State) -> None:
    other = train_stage(make_stage("stage1", seed=2), patches)
    assert not _equal(_weights(other), _weights(stage1_state))


@pytest.mark.parametrize("kind", KINDS)
def test_a_resumed_stage_equals_an_uninterrupted_one_bit_for_bit(
    make_stage: MakeStage, patches: Patches, parent_of: Callable[[str], State | None], kind: str
) -> None:
    stage = make_stage(kind)
    checkpoints: list[bytes] = []
    whole = train_stage(stage, patches, parent=parent_of(kind), save=lambda state: checkpoints.append(state.to_bytes()))
    assert len(checkpoints) == STEPS * (stage.last_epoch - stage.first_epoch)  # checkpoint_s=0: after every step
    for index in (0, STEPS - 1, len(checkpoints) - 2):  # in an epoch, at its end, in the last one
        checkpoint = State.from_bytes(checkpoints[index])
        assert train_stage(stage, patches, parent=parent_of(kind), checkpoint=checkpoint).to_bytes() == whole.to_bytes()


def test_a_checkpoint_is_taken_only_as_often_as_asked_for(make_stage: MakeStage, patches: Patches) -> None:
    saved: list[State] = []
    train_stage(make_stage("stage1", {"train.checkpoint_s": 3600}), patches, save=saved.append)
    assert saved == []


class _BareLoop:
    """The recipe written down a second time: an Adam and a StepLR of torch's for each module, one loop."""

    def __init__(self, stage: Stage) -> None:
        self.config, self.seed = stage.config, stage.seed
        self.network = stage_network(stage).train()
        self.adam: dict[str, torch.optim.Adam] = {}
        self.clock: dict[str, StepLR] = {}

    def add(self, *names: str) -> None:
        for name in names:
            part = self.network.get_submodule(name)
            self.adam[name] = torch.optim.Adam(part.parameters(), lr=self.config.optim.lr, fused=True)
            self.clock[name] = StepLR(self.adam[name], self.config.sched.step, self.config.sched.gamma)

    def epochs(self, stage: Stage, patches: Patches) -> dict[str, float]:
        """Train the stage's epochs; the mean of every term over the last one."""
        for epoch in range(stage.first_epoch, stage.last_epoch):
            sums: dict[str, float] = {}
            for ir, vi in batches(patches, self.config.train.batch, self.seed, epoch):
                terms = stage_terms(stage, self.network, ir, vi)
                for adam in self.adam.values():
                    adam.zero_grad()
                total(terms).backward()
                for name, adam in self.adam.items():
                    nn.utils.clip_grad_norm_(self.network.get_submodule(name).parameters(), self.config.optim.clip_norm)
                    adam.step()
                sums = {name: sums.get(name, 0.0) + term.value.item() / STEPS for name, term in terms.items()}
            for clock in self.clock.values():
                clock.step()
        return sums


def _close(network: nn.Module, state: State) -> None:
    for name, tensor in network.state_dict().items():
        torch.testing.assert_close(state.tensors[f"model.{name}"], tensor, rtol=1e-4, atol=1e-6, msg=name)


def test_both_stages_are_the_papers_recipe(make_stage: MakeStage, patches: Patches, stage1_state: State) -> None:
    """Adam's state and the clocks go on through the transition, those of the fusion layers begin with stage II."""
    first, second = make_stage("stage1"), make_stage("stage2")
    state = train_stage(second, patches, parent=stage1_state)
    bare = _BareLoop(second)  # whose network has fusion layers
    bare.add("enc", "dec", "graph")
    bare.epochs(first, patches)
    bare.add("base_fuse", "detail_fuse")
    means = bare.epochs(second, patches)
    _close(bare.network, state)
    assert {name: value for name, (_, value) in state.log[-1].terms.items()} == pytest.approx(means, rel=1e-4)


def test_the_joint_stage_is_the_recipe_with_one_clock(make_stage: MakeStage, patches: Patches) -> None:
    stage = make_stage("joint")
    bare = _BareLoop(stage)
    bare.add("enc", "dec", "graph", "base_fuse", "detail_fuse")
    bare.epochs(stage, patches)
    _close(bare.network, train_stage(stage, patches))


def test_fresh_optimisers_in_stage_two(make_stage: MakeStage, patches: Patches, stage1_state: State) -> None:
    stage = make_stage("stage2", {"optim.reset_at_stage2": True, "sched.restart_at_stage2": True})
    bare = _BareLoop(stage)
    restore_model(bare.network, stage1_state, partial=True)
    bare.add("enc", "dec", "graph", "base_fuse", "detail_fuse")
    bare.epochs(stage, patches)
    _close(bare.network, train_stage(stage, patches, parent=stage1_state))


def test_a_frozen_encoder_stays_as_stage_one_left_it(
    make_stage: MakeStage, patches: Patches, stage1_state: State
) -> None:
    state = train_stage(make_stage("stage2", {"train.freeze_encoder_stage2": True}), patches, parent=stage1_state)
    assert _equal(_weights(state, "enc"), _weights(stage1_state, "enc"))
    for part in ("dec", "graph"):
        assert not _equal(_weights(state, part), _weights(stage1_state, part))
    assert not any(name.startswith("adam.enc.") for name in state.tensors)


def test_stage_one_is_the_same_for_every_choice_of_fusion_layers_and_each_can_go_on_from_it(
    make_stage: MakeStage, patches: Patches, stage1_state: State
) -> None:
    swap = {"fuse.swap": True}
    assert train_stage(make_stage("stage1", swap), patches).to_bytes() == stage1_state.to_bytes()
    assert not _weights(stage1_state, "base_fuse", "detail_fuse")
    state = train_stage(make_stage("stage2", swap), patches, parent=stage1_state)
    own = train_stage(make_stage("stage2"), patches, parent=stage1_state)
    assert _weights(state, "base_fuse").keys() != _weights(own, "base_fuse").keys()


def test_the_log_has_every_term_with_its_weight_in_every_epoch(make_stage: MakeStage, stage1_state: State) -> None:
    assert [entry.epoch for entry in stage1_state.log] == [0, 1]
    weights = make_stage("stage1").config.loss.stage1
    for entry in stage1_state.log:
        assert entry.terms["ssim_ir"][0] == entry.terms["ssim_vi"][0] == weights.w_ssim
        assert entry.terms["decomposition"][0] == weights.w_decomp
        assert all(value == value for _, value in entry.terms.values())


@pytest.mark.parametrize("kind", KINDS)
def test_progress_counts_every_step_to_the_end(
    make_stage: MakeStage, patches: Patches, parent_of: Callable[[str], State | None], kind: str
) -> None:
    seen: list[Progress] = []
    stage = make_stage(kind)
    train_stage(stage, patches, parent=parent_of(kind), report=seen.append)
    steps = STEPS * (stage.last_epoch - stage.first_epoch)
    assert [(now.stage, now.step, now.steps) for now in seen] == [(kind, k, steps) for k in range(1, steps + 1)]
    assert seen[-1].eta_s == 0
    assert all(now.eta_s > 0 for now in seen[:-1])


def test_progress_of_a_resumed_stage_counts_what_was_done_before(make_stage: MakeStage, patches: Patches) -> None:
    saved: list[State] = []
    train_stage(make_stage("stage1"), patches, save=saved.append)
    seen: list[Progress] = []
    train_stage(make_stage("stage1"), patches, checkpoint=saved[3], report=seen.append)
    assert [(now.step, now.steps) for now in seen] == [(5, 6), (6, 6)]


def test_an_epoch_can_be_cut_to_some_steps(make_stage: MakeStage, patches: Patches) -> None:
    seen: list[Progress] = []
    train_stage(make_stage("stage1", {"train.steps_per_epoch": 2}), patches, report=seen.append)
    assert [(now.step, now.steps) for now in seen] == [(k, 4) for k in (1, 2, 3, 4)]


def test_bf16_runs_on_the_cpu_and_keeps_its_weights_in_float32(
    make_stage: MakeStage, patches: Patches, stage1_state: State
) -> None:
    state = train_stage(make_stage("stage1", {"train.bf16": True}), patches)
    assert {tensor.dtype for name, tensor in _weights(state).items() if not name.endswith("tracked")} == {torch.float32}
    assert not _equal(_weights(state), _weights(stage1_state))
    exact, rounded = (log.terms["ssim_ir"][1] for log in (stage1_state.log[0], state.log[0]))
    assert rounded == pytest.approx(exact, rel=0.05)


def _diverge(stage: Stage, patches: Patches, checkpoint: State | None = None) -> NotFinite:
    with pytest.raises(NotFinite) as raised:
        train_stage(stage, patches, checkpoint=checkpoint)
    return raised.value


def test_an_absurd_learning_rate_stops_at_the_first_loss_that_is_not_finite(
    make_stage: MakeStage, patches: Patches
) -> None:
    stage = make_stage("stage1", {"optim.lr": 1e30})
    error = _diverge(stage, patches)
    assert f"epoch {error.state.epoch}, step {error.state.step}" in str(error)
    assert 0 < error.state.step + STEPS * error.state.epoch < 2 * STEPS
    assert all(tensor.isfinite().all() for tensor in error.state.tensors.values())
    again = _diverge(stage, patches, State.from_bytes(error.state.to_bytes()))
    assert str(again) == str(error)
    assert again.state.to_bytes() == error.state.to_bytes()


def test_the_reason_names_the_terms(make_stage: MakeStage, patches: Patches) -> None:
    broken = Patches(torch.full_like(patches.ir, torch.nan), patches.vi)
    error = _diverge(make_stage("stage1", {"graph.enabled": False, "loss.stage2.decomp_terms": ["D"]}), broken)
    assert "loss not finite at epoch 0, step 0: ssim_ir = nan" in str(error)
    assert "ssim_vi" not in str(error)


def test_the_state_before_the_first_step_is_the_initial_one(make_stage: MakeStage, patches: Patches) -> None:
    """Although batch norm has seen the values that are not finite."""
    stage = make_stage("stage1")
    error = _diverge(stage, Patches(torch.full_like(patches.ir, torch.nan), patches.vi))
    fresh = stage_network(stage).state_dict()
    assert all(torch.equal(tensor, fresh[name[6:]]) for name, tensor in _weights(error.state).items())


def test_a_gradient_that_is_not_finite_names_its_module(
    make_stage: MakeStage, patches: Patches, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = stage_terms

    def steep(*arguments: object) -> object:
        terms = real(*arguments)  # type: ignore[arg-type]
        value = terms["tv"].value
        terms["tv"] = terms["tv"]._replace(value=value + 0 * (value - value.detach()).sqrt())
        return terms

    monkeypatch.setattr("smfnet.training.recipe.stage_terms", steep)
    error = _diverge(make_stage("stage1"), patches)
    assert "the gradient of enc is not finite at epoch 0, step 0" in str(error)
    assert all(tensor.isfinite().all() for tensor in error.state.tensors.values())


def test_a_loss_without_gradient_is_a_mistake_of_the_configuration(make_stage: MakeStage, patches: Patches) -> None:
    constant = {
        "loss.cc.detach": True,
        "loss.stage2.w_intensity": 0,
        "loss.stage2.w_grad": 0,
        "train.stage1_epochs": 0,
    }
    with pytest.raises(UserError, match="no term of the loss of joint has a gradient"):
        train_stage(make_stage("joint", constant), patches)
