"""Every part of the configuration is typed, frozen, and checked when it is made."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import FrozenInstanceError, fields, is_dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.config.changes import apply
from assay.config.cluster import ClusterConfig
from assay.config.errors import UserError
from assay.config.section import Section, fields_of, paths_of
from smfnet.config.data import DataConfig, ScenesConfig
from smfnet.config.kinds import ReasoningConfig
from smfnet.config.loss import SemanticConfig, Stage1Config
from smfnet.config.model import ModelConfig, NetworkConfig
from smfnet.config.root import Config
from smfnet.config.slots import GraphConfig
from smfnet.config.test_step import MetricsConfig
from smfnet.config.training import OptimConfig, SchedConfig, TrainConfig


def _sections(section: Section, path: str = "") -> Iterator[tuple[str, Section]]:
    yield path, section
    for item in fields(section):
        value = getattr(section, item.name)
        if is_dataclass(value):
            assert isinstance(value, Section)
            yield from _sections(value, f"{path}.{item.name}".lstrip("."))


def test_every_section_names_the_place_where_it_stands_and_stands_nowhere_else() -> None:
    places = [(path, type(section)) for path, section in _sections(Config()) if fields(section)]
    assert {path: kind.prefix for path, kind in places} == {path: path for path, _ in places}
    assert len({kind for _, kind in places}) == len(places)


def test_every_attribute_is_explained() -> None:
    unexplained = [
        f"{type(section).__name__}.{item.name}"
        for _, section in _sections(Config())
        for item in fields(section)
        if not is_dataclass(getattr(section, item.name))
        and not any(item.name in (kind.__doc__ or "") for kind in type(section).__mro__)
        and len(fields(section)) > 1
    ]
    assert unexplained == ["GramConfig.weight", "SemanticConfig.weight"]  # a term's weight explains itself


def test_a_configuration_does_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        OptimConfig().lr = 1.0  # type: ignore[misc]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: OptimConfig(lr=0), r"optim\.lr: expected a number > 0; got 0"),
        (lambda: OptimConfig(lr=math.nan), r"optim\.lr: expected a finite number; got nan"),
        (lambda: OptimConfig(clip_norm=math.inf), r"optim\.clip_norm: expected a finite number"),
        (lambda: ReasoningConfig(gamma_init=-math.inf), r"graph\.reasoning\.gamma_init: expected a finite number"),
        (lambda: ReasoningConfig(dilations=(4, 0, 16)), r"graph\.reasoning\.dilations: expected a number >= 1"),
        (lambda: ReasoningConfig(dilations=(4, 8)), r"graph\.reasoning\.dilations: expected three numbers"),
        (lambda: NetworkConfig(width=24, heads=8), r"network\.width: expected a multiple of 4 and of .* = 16; got 24"),
        (lambda: NetworkConfig(width=6, heads=1), r"network\.width: expected a multiple of 4"),
        (lambda: Stage1Config(decomp_terms=("D", "B")), r"loss\.stage1\.decomp_terms: expected words from D, G; .*'B'"),
        (lambda: SemanticConfig(mode="lovasz"), r"loss\.semantic\.mode: expected one of binary, .*; got 'lovasz'"),
        (lambda: TrainConfig(epochs=4, stage1_epochs=4), r"train\.stage1_epochs: expected fewer than .* = 4 .*; got 4"),
        (lambda: TrainConfig(batch=0), r"train\.batch: expected a number >= 1"),
        (lambda: ClusterConfig(gpus=0), r"cluster\.gpus: expected a number > 0"),
        (lambda: TrainConfig(threads=100_000), r"train\.threads: expected a number <= 1024; got 100000"),
        (lambda: TrainConfig(batch=10**400), r"train\.batch: expected a number <= 1000000; got 1000"),
        (lambda: ReasoningConfig(dilations=(4, 8, 10**6)), r"graph\.reasoning\.dilations: expected a number <= 1024"),
        (lambda: Config(seeds=1_000_000), r"seeds: expected a number <= 1000; got 1000000"),
        (lambda: Config(seed=2**32), r"seed: expected a number <= 4294967295; got 4294967296"),
        (lambda: SchedConfig(step=10**9 + 1), r"sched\.step: expected a number <= 1000000000"),
        (lambda: MetricsConfig(table=()), r"metrics\.table: expected at least one of EN, SD"),
        (lambda: MetricsConfig(table=("EN", "EN")), r"metrics\.table: expected each word once; got EN, EN"),
        (lambda: DataConfig(root="a\nb"), r"data\.root: expected text without line ends, .*; got 'a\\nb'"),
        (lambda: DataConfig(exclude=("a", "b\0")), r"data\.exclude: expected text without line ends"),
        (lambda: Config(storage="caf\udce9"), r"^storage: expected text without .* bytes that are no text"),
        (lambda: ScenesConfig(height=8), r"data\.scenes\.height: expected a number >= 17; got 8"),
        (
            lambda: DataConfig(patch=64, scenes=ScenesConfig(height=32)),
            r"data\.patch: expected at most the size of a scene, 32x256; got 64",
        ),
    ],
)
def test_a_value_out_of_its_range_is_refused_with_its_path(make: type, message: str) -> None:
    with pytest.raises(UserError, match=message):
        make()


def test_the_graphs_loss_needs_the_graph() -> None:
    with pytest.raises(UserError, match=r"loss\.stage2\.decomp_terms names G.*add loss\.stage2\.decomp_terms=\[D\]"):
        Config(graph=GraphConfig(enabled=False))


def test_a_stage_needs_a_loss() -> None:
    nothing = dict.fromkeys(("loss.stage1.w_decomp", "loss.stage1.w_tv", "loss.stage1.w_ssim", "loss.stage1.w_grad"), 0)
    nothing |= {"loss.gram.weight": 0}
    with pytest.raises(UserError, match=r"loss\.stage1: every weight is 0"):
        apply(Config(), nothing | {"loss.semantic.mode": "off"})
    assert apply(Config(), nothing).loss.semantic.weight == 1
    assert apply(Config(), nothing | {"loss.semantic.mode": "off", "train.stage1_epochs": 0})
    fusion = {"loss.stage2.w_intensity": 0, "loss.stage2.w_grad": 0}
    assert apply(Config(), fusion)
    with pytest.raises(UserError, match=r"loss\.stage2: every weight is 0"):
        apply(Config(), fusion | {"loss.stage2.decomp_terms": []})


def test_freezing_the_encoder_needs_a_first_stage() -> None:
    with pytest.raises(UserError, match=r"needs a stage I"):
        Config(train=TrainConfig(stage1_epochs=0, freeze_encoder_stage2=True))


def test_the_factory_gets_the_sections_of_the_model_as_they_are() -> None:
    config = Config(network=NetworkConfig(width=32, heads=4))
    assert all(getattr(config.model, item.name) is getattr(config, item.name) for item in fields(ModelConfig))


@given(epochs=st.integers(1, 200), first=st.integers(0, 200))
def test_stage_one_is_shorter_than_the_whole(epochs: int, first: int) -> None:
    try:
        train = TrainConfig(epochs=epochs, stage1_epochs=first)
    except UserError:
        assert first >= epochs
    else:
        assert 0 <= train.stage1_epochs < train.epochs


def test_every_whole_number_has_bounds() -> None:
    whole = {path: value for path, value in paths_of(Config()).items() if fields_of(Config())[path].type in _WHOLE}
    for path in whole:
        for number in (-1, 10**12, -(10**400), 10**400):
            with pytest.raises(UserError, match=rf"^{re.escape(path)}: expected a number"):
                apply(Config(), {path: [number] * 3 if path == "graph.reasoning.dilations" else number})
    assert len(whole) >= 30


_WHOLE = ("int", "int | None", "tuple[int, ...]")
