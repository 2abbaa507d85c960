"""A name changes when, and only when, something that can change the result changes."""

from __future__ import annotations

import hashlib
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from assay.config.changes import apply
from assay.config.errors import UserError
from assay.config.ignored import deciding_values
from assay.config.section import Section, at_least, fields_of, paths_of
from assay.config.tables import builders_of
from assay.experiment.execution import execute_trial, train_trial
from assay.experiment.naming import code, fingerprint
from assay.experiment.naming.fingerprint import stage_fingerprint, trial_fingerprint
from assay.experiment.naming.source_file import source_file
from assay.experiment.trial import baseline_trial, variant_trial
from assay.store.store import Store
from assay.training.state import State
from smfnet.config.loss import LossConfig
from smfnet.config.root import Config
from smfnet.data import Patches, patches, training_pairs
from smfnet.model import build
from smfnet.study import study
from smfnet.training import JOINT, STAGE1, STAGE2, Stage, stages_of
from smfnet.training.recipe import train_stage

MakeConfig = Callable[..., Config]

_NO_GRAPH = {"graph.enabled": False, "loss.stage2.decomp_terms": ["D"]}
_JOINT = {"train.stage1_epochs": 0, "train.epochs": 1}
_SUM = _JOINT | {"loss.joint.form": "sum"}
# Kind of stage and changes to the base: together they go through every part of the code.
_STAGES: list[tuple[str, dict[str, Any]]] = [
    (STAGE1, {}),
    (STAGE1, _NO_GRAPH),
    (STAGE1, {"graph.kind": "conv", "detail.cai.cross.enabled": False}),
    (STAGE1, {"base.kind": "single_attention", "loss.gram.input": "features", "loss.mse.weight": 1}),
    (STAGE1, {"loss.gram.weight": 0, "loss.semantic.weight": 0}),
    (STAGE1, {"loss.semantic.mode": "soft_classes", "loss.stage1.decomp_terms": ["D", "G"]}),
    (STAGE1, {"loss.semantic.mode": "off"}),
    (STAGE2, {}),
    (STAGE2, {"fuse.swap": True, "fuse.combine.kind": "concat"}),
    (STAGE2, _NO_GRAPH),
    (STAGE2, {"graph.kind": "conv", "detail.cai.cross.enabled": False}),
    (STAGE2, {"base.kind": "single_attention", "train.freeze_encoder_stage2": True}),
    (JOINT, _JOINT),
    (JOINT, _JOINT | _NO_GRAPH | {"detail.cai.cross.enabled": False}),
    (JOINT, _SUM),
    (JOINT, _SUM | {"loss.gram.weight": 0, "loss.semantic.mode": "soft_classes"}),
]


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], set[str]]:
    """`reads(work)`: the configuration values that `work()` looks at, by dotted path."""

    def record(work: Callable[[], object]) -> set[str]:
        seen: set[str] = set()

        def spy(section: Section, name: str) -> Any:
            value = object.__getattribute__(section, name)
            if name in {item.name for item in fields(type(section))} and not is_dataclass(value):
                seen.add(f"{type(section).prefix}.{name}".lstrip("."))
            return value

        with monkeypatch.context() as patch:
            patch.setattr(Section, "__getattribute__", spy)
            work()
        return seen

    return record


@pytest.fixture(scope="module")
def training_patches(tiny: MakeConfig) -> Patches:
    data = tiny().data
    return patches(training_pairs(data), data)


@pytest.fixture(scope="module")
def parents(tiny: MakeConfig, training_patches: Patches) -> Callable[[Config], State]:
    """The end of stage I of a network."""
    return lambda config: train_stage(Stage(STAGE1, config, 1), training_patches)


def test_a_stage_reads_all_that_its_name_is_made_of(
    tiny: MakeConfig,
    training_patches: Patches,
    parents: Callable[[Config], State],
    reads: Callable[[Callable[[], object]], set[str]],
) -> None:
    """What is named and never read would be sharing lost; what is read and not named cannot be read."""
    seen: dict[str, set[str]] = {STAGE1: set(), STAGE2: set(), JOINT: set()}
    named: dict[str, set[str]] = {STAGE1: set(), STAGE2: set(), JOINT: set()}
    for kind, changes in _STAGES:
        stage = Stage(kind, tiny({"train.epochs": 2} | changes), 1)
        parent = parents(tiny({"train.epochs": 2})) if kind == STAGE2 and not changes else None
        mine = reads(lambda: train_stage(stage, training_patches, parent=parent, save=id))  # noqa: B023
        assert mine <= paths_of(stage.config).keys(), (kind, changes)
        seen[kind] |= mine
        named[kind] |= deciding_values(stage.config).keys()
    for kind, paths in named.items():
        assert paths - seen[kind] == set(), kind


@pytest.mark.parametrize("kind", [STAGE1, STAGE2, JOINT])
def test_what_declares_that_it_decides_nothing_changes_nothing(
    tiny: MakeConfig, training_patches: Patches, parents: Callable[[Config], State], kind: str
) -> None:
    declared = {path for path, item in fields_of(Config()).items() if not item.metadata.get("decides", True)}
    assert declared == {"train.checkpoint_s", "train.recompute"}
    base = _JOINT if kind == JOINT else {}
    parent = parents(tiny()) if kind == STAGE2 else None
    states = {
        train_stage(
            Stage(kind, tiny(base | {"train.checkpoint_s": seconds, "train.recompute": again}), 1),
            training_patches,
            parent=parent,
            save=id,
        ).to_bytes()
        for seconds, again in ((0, False), (1000, False), (1000, True))
    }
    assert len(states) == 1


@dataclass(frozen=True)
class _EdgesConfig(Section, at="loss.edges"):
    weight: float = at_least(0, 0.0)


@dataclass(frozen=True)
class _NewLossConfig(LossConfig, at="loss"):
    edges: _EdgesConfig = field(default_factory=_EdgesConfig)


@dataclass(frozen=True)
class _NewConfig(Config, at=""):
    loss: _NewLossConfig = field(default_factory=_NewLossConfig)


@pytest.mark.parametrize("kind", [STAGE1, STAGE2, JOINT])
def test_a_new_loss_weight_is_in_every_name_without_a_word(kind: str) -> None:
    """A newcomer adds a term with its weight, and tells nobody: three weights are three results."""
    base = apply(_NewConfig(), {"train.device": "cpu"} | ({"train.stage1_epochs": 0} if kind == JOINT else {}))
    assert len({_named(apply(base, {"loss.edges.weight": weight}), kind) for weight in (0, 5, 50)}) == 3


def _other(path: str, value: Any, section: Section) -> Any:
    """Another value for a path, which the configuration accepts."""
    rules = section.__dataclass_fields__[path.rpartition(".")[2]].metadata  # type: ignore[attr-defined]
    special: dict[str, Any] = {"train.device": "cuda"}
    special |= {"network.width": 128, "network.heads": 4, "train.epochs": 200, "train.stage1_epochs": 41}
    if path in special:
        return special[path]
    if "choices" in rules:
        return next((choice for choice in rules["choices"] if choice != value), value)
    if "some_of" in rules:
        return [] if value else [rules["some_of"][0]]
    if isinstance(value, bool):
        return not value
    if isinstance(value, tuple):
        return [*value[1:], 3] if path == "graph.reasoning.dilations" else [*value, "more"]
    return "other" if isinstance(value, str) or path in ("data.root", "data.same_scene") else (value or 1) * 2


def _sections(section: Section) -> list[Section]:
    inner = [getattr(section, item.name) for item in fields(section)]
    return [section, *(each for one in inner if isinstance(one, Section) for each in _sections(one))]


def _named(config: Config, kind: str) -> str:
    return stage_fingerprint(Stage(kind, config, 1), None, "data", "code")


@pytest.mark.parametrize("kind", [STAGE1, STAGE2, JOINT])
def test_exactly_the_values_that_are_read_change_the_name(kind: str) -> None:
    base = apply(
        Config(), {"train.device": "cpu", "data.patch": 32} | ({"train.stage1_epochs": 0} if kind == JOINT else {})
    )
    config = Stage(kind, base, 1).config
    declared = fields_of(config)
    read = {path for path in paths_of(config) if declared[path].metadata.get("decides", True)}
    sections = {section.prefix: section for section in _sections(base)}
    tested = 0
    for path, value in paths_of(base).items():
        other = _other(path, value, sections[path.rpartition(".")[0]])
        try:
            changed = apply(base, {path: other})
        except UserError:
            continue  # does not go alone
        if other == value:
            continue  # has no other value
        tested += 1
        assert (_named(changed, kind) != _named(base, kind)) == (path in read), path
    assert tested > 70


@pytest.mark.parametrize(
    ("switch", "idle"),
    [
        (_NO_GRAPH, {"graph.reasoning.iters": 5}),
        (_NO_GRAPH, {"graph.kind": "conv"}),
        ({"detail.cai.cross.enabled": False}, {"detail.cai.cross.layernorm": True}),
        ({"graph.kind": "conv"}, {"graph.reasoning.gate_layout": "interleaved"}),
        ({"base.kind": "single_attention"}, {"base.transformer.groups": 7}),
        ({"loss.gram.weight": 0}, {"loss.gram.form": "mse"}),
        ({"loss.semantic.weight": 0}, {"loss.semantic.mode": "off"}),
        ({}, {"train.tf32": True}),
    ],
)
def test_a_value_that_nobody_reads_now_does_not_change_the_name(
    tiny: MakeConfig, switch: dict[str, Any], idle: dict[str, Any]
) -> None:
    assert _named(tiny(switch | idle), STAGE1) == _named(tiny(switch), STAGE1)
    if switch:
        assert _named(tiny(switch), STAGE1) != _named(tiny(), STAGE1)


def test_an_automatic_device_is_the_one_that_it_means(tiny: MakeConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    for available, device in ((False, "cpu"), (True, "cuda")):
        monkeypatch.setattr("torch.cuda.is_available", lambda available=available: available)
        automatic, named = (tiny({"train.device": name}) for name in ("auto", device))
        assert _named(automatic, STAGE1) == _named(named, STAGE1)
        names = {trial_fingerprint(study(), "s", None, "d", config, "c") for config in (automatic, named)}
        assert len(names) == 1


def test_seed_parent_data_code_and_kind_are_in_the_name(tiny: MakeConfig) -> None:
    stage = Stage(STAGE2, tiny(), 1)
    names = {
        stage_fingerprint(stage, "p", "d", "c"),
        stage_fingerprint(replace(stage, seed=2), "p", "d", "c"),
        stage_fingerprint(stage, "other", "d", "c"),
        stage_fingerprint(stage, "p", "other", "c"),
        stage_fingerprint(stage, "p", "d", "other"),
        stage_fingerprint(Stage(JOINT, tiny(), 1), "p", "d", "c"),
    }
    assert len(names) == 6


def test_the_name_of_measurements_follows_stage_rule_data_test_step_and_code(tiny: MakeConfig) -> None:
    config = tiny()
    names = [
        trial_fingerprint(study(), "s", None, "d", config, "c"),
        trial_fingerprint(study(), "t", None, "d", config, "c"),
        trial_fingerprint(study(), None, "max", "d", config, "c"),
        trial_fingerprint(study(), None, "mean", "d", config, "c"),
        trial_fingerprint(study(), "s", None, "e", config, "c"),
        trial_fingerprint(study(), "s", None, "d", config, "b"),
        trial_fingerprint(study(), "s", None, "d", tiny({"infer.rescale": "clip"}), "c"),
        trial_fingerprint(study(), "s", None, "d", tiny({"infer.colour": "grey"}), "c"),
        trial_fingerprint(study(), "s", None, "d", tiny({"train.device": "cuda"}), "c"),
    ]
    assert len(set(names)) == len(names)
    for path in ("optim.lr", "data.val_pairs", "seeds"):  # the stage's name has them, or nobody reads them
        assert trial_fingerprint(study(), "s", None, "d", tiny({path: 3}), "c") == names[0]


@pytest.fixture
def clone(root: Path, tmp_path: Path) -> Path:
    """A copy of engine and study that may be changed."""
    for package in ("assay", "smfnet"):
        shutil.copytree(root / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def _codes(clone: Path | None, config: Config) -> tuple[str, str, str]:
    """Of training, of measuring, and of measuring a rule."""
    stages = stages_of(config, 1)
    values = {path: value for stage in stages for path, value in paths_of(stage.config).items()}
    asked = study().measuring_values(config)
    builders = [text for stage in stages for text in builders_of(stage.config)]
    code._files.cache_clear()
    code._code_of.cache_clear()
    return (
        code.code_of(study().training, values, builders, clone),
        code.code_of(study().measuring, values | asked, builders, clone),
        code.code_of(study().measuring_a_rule, {"rule": "max", **asked}, root=clone),
    )


@pytest.mark.parametrize(
    ("file", "line", "changed"),
    [
        ("smfnet/model/branches/graph.py", "# a comment", ""),
        ("smfnet/model/another.py", "class Another: ...", ""),
        ("smfnet/model/branches/graph.py", "class Another: ...", ""),
        ("smfnet/model/factory.py", "from smfnet.model.layers.norm import ChannelNorm", ""),
        ("smfnet/losses/another.py", "SIZE = 3", ""),
        ("smfnet/metrics/another.py", "SIZE = 3", ""),
        ("smfnet/data/check.py", "SIZE = 3", ""),
        ("smfnet/data/scenes/street.py", "SIZE = 3", ""),
        ("assay/experiment/execution.py", "SIZE = 3", ""),
        ("assay/training/probe.py", "STEPS = 9", ""),
        ("smfnet/model/combine.py", "class Concatenation: ...", ""),
        ("smfnet/model/combine.py", "class Sum: ...", "training measuring"),
        ("smfnet/losses/gram.py", "def gram_loss(): ...", "training measuring"),
        ("smfnet/losses/mse.py", "def mse_loss(): ...", ""),
        ("assay/training/loop.py", "def train_recipe(): ...", "training"),
        ("assay/training/state.py", "def restore_model(): ...", "training measuring"),
        ("smfnet/data/images.py", "def read_pixels(): ...", "training measuring rule"),
        ("smfnet/metrics/ssim.py", "def structural_similarity(): ...", "measuring rule"),
        ("smfnet/metrics/further/errors.py", "def mean_squared_error(): ...", ""),
        ("smfnet/fusion/test_step.py", "def rescaled(): ...", "measuring rule"),
        ("assay/training/proof.py", "def gradient_shares(): ...", "measuring"),
        (
            "smfnet/losses/another.py",
            "from smfnet.losses.total_loss import STAGE1\nSTAGE1['mine'] = print",
            "training measuring",
        ),
    ],
)
def test_a_change_of_code_changes_the_names_of_what_it_makes(clone: Path, file: str, line: str, changed: str) -> None:
    """What stands beside, in a file of its own or in the same, retires nothing."""
    config = apply(Config(), {"train.device": "cpu"})
    before = _codes(clone, config)
    path = clone / file
    path.write_text(f"{path.read_text() if path.exists() else ''}\n{line}\n")
    after = _codes(clone, config)
    names = ("training", "measuring", "rule")
    assert [name for name, one, other in zip(names, before, after, strict=True) if one != other] == changed.split()


@pytest.mark.parametrize(
    ("file", "line", "changed"),
    [
        ("smfnet/metrics/further/errors.py", "def mean_squared_error(): ...", "measuring rule"),
        ("smfnet/metrics/further/errors.py", "def mean_correlation(): ...", ""),
        ("smfnet/metrics/further/similarity.py", "def similarity_based_quality(): ...", ""),
    ],
)
def test_the_code_of_a_further_metric_counts_where_the_table_names_it(
    clone: Path, file: str, line: str, changed: str
) -> None:
    config = apply(Config(), {"train.device": "cpu", "metrics.table": ["EN", "MSE"]})
    before = _codes(clone, config)
    with open(clone / file, "a") as text:
        text.write(f"\n{line}\n")
    after = _codes(clone, config)
    names = ("training", "measuring", "rule")
    assert [name for name, one, other in zip(names, before, after, strict=True) if one != other] == changed.split()


def test_the_further_metrics_of_a_table_name_its_measurements_and_no_stage(tiny: MakeConfig) -> None:
    plain, reordered, further = (
        variant_trial(study(), "row", tiny({"metrics.table": table}), 1)
        for table in (["EN", "SD"], ["AG"], ["EN", "MSE"])
    )
    assert plain.fingerprint == reordered.fingerprint != further.fingerprint
    assert [each.fingerprint for each in plain.stages] == [each.fingerprint for each in further.stages]
    rules = [baseline_trial(study(), "max", tiny({"metrics.table": table})) for table in (["EN"], ["EN", "MSE"])]
    assert rules[0].fingerprint != rules[1].fingerprint


def test_a_copy_elsewhere_has_the_same_code(clone: Path) -> None:
    config = apply(Config(), {"train.device": "cpu"})
    assert _codes(clone, config) == _codes(None, config)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (
            "smfnet/config/slots.py",
            "    single_attention: S",
            '    mine: Plain = made_by("smfnet.model.mine:Mine")\n    single_attention: S',
        ),
        (
            "smfnet/losses/total_loss.py",
            '        "stage1.w_tv"',
            '        "new.weight": _edges,\n        "stage1.w_tv"',
        ),
        ("smfnet/losses/semantic.py", '"released": released}', '"released": released, "mine": binary}'),
        ("smfnet/config/kinds.py", '    tail: str = choice("conv",', '    tail: str = choice("conv", "mine",'),
        ("smfnet/config/loss.py", "    delta: float", "    edges: float = 0.0\n    delta: float"),
        ("smfnet/fusion/rules.py", '        "mean": (', '        "least": (torch.minimum, False),\n        "mean": ('),
    ],
)
def test_a_new_component_term_rule_or_field_retires_nothing(clone: Path, file: str, old: str, new: str) -> None:
    config = apply(Config(), {"train.device": "cpu"})
    before, path = _codes(clone, config), clone / file
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))
    assert _codes(clone, config) == before


def test_another_component_is_other_code(tiny: MakeConfig) -> None:
    configs = [tiny(changes) for changes in ({}, {"graph.kind": "conv"}, _NO_GRAPH, {"fuse.combine.kind": "concat"})]
    assert len({_codes(None, config)[0] for config in configs}) == len(configs)
    assert code.code_of(study().measuring_a_rule, {"rule": "max"}) != code.code_of(
        study().measuring_a_rule, {"rule": "mean"}
    )


def test_what_is_followed_and_what_is_not_is_there(root: Path) -> None:
    for making in (study().training, study().measuring, study().measuring_a_rule):
        for module in (*making.within, *making.beyond):
            place = root / module.replace(".", "/")
            assert place.is_dir() or place.with_suffix(".py").is_file(), module


Ran = set[tuple[str, int]]  # module, and the line where a function begins
Follow = Callable[[Callable[[], object]], Ran]


@pytest.fixture
def ran(root: Path) -> Follow:
    """`ran(work)`: the functions of the repository that `work()` calls."""

    def follow(work: Callable[[], object]) -> Ran:
        calls: Ran = set()

        def note(frame: FrameType, event: str, _: Any) -> None:
            file = Path(frame.f_code.co_filename)
            if event == "call" and root in file.parents:
                calls.add((".".join(file.relative_to(root).with_suffix("").parts), frame.f_code.co_firstlineno))

        sys.setprofile(note)
        try:
            work()
        finally:
            sys.setprofile(None)
        return calls

    return follow


def _not_found(calls: Ran, making: code.Making, stages: Sequence[Stage], rule: str | None = None) -> set[str]:
    chosen = {path: value for stage in stages for path, value in paths_of(stage.config).items()} | {"rule": rule}
    builders = [text for stage in stages for text in builders_of(stage.config)]
    followed = [(module, line, source_file(module)) for module, line in calls if making.follows(module)]
    names = {(module, file.definition_at(line)) for module, line, file in followed if file}
    return {f"{module}:{name}" for module, name in names if name} - code.definitions_of(making, chosen, builders).keys()


@pytest.mark.parametrize(("kind", "changes"), [_STAGES[0], _STAGES[2], _STAGES[7], _STAGES[14]])
def test_every_function_that_trains_is_in_the_code(
    tiny: MakeConfig, training_patches: Patches, ran: Follow, kind: str, changes: dict[str, Any]
) -> None:
    """The search for definitions follows names; this follows the calls."""
    stage = Stage(kind, tiny({"train.epochs": 2} | changes), 1)
    build(stage.config.model, fusion=kind != STAGE1)  # imports what the slots name, which runs the bodies of classes
    calls = ran(lambda: train_stage(stage, training_patches, save=id))
    assert len(calls) > 60
    assert _not_found(calls, study().training, [stage]) == set()


def test_every_function_that_measures_is_in_the_code(tiny: MakeConfig, tmp_path: Path, ran: Follow) -> None:
    store, trial, rule = (
        Store(str(tmp_path)),
        variant_trial(study(), "ours", tiny(), 1),
        baseline_trial(study(), "max", tiny()),
    )
    train_trial(study(), trial, store)
    for one, making in ((trial, study().measuring), (rule, study().measuring_a_rule)):
        calls = ran(lambda: execute_trial(study(), one, store))  # noqa: B023
        assert len(calls) > 30
        assert _not_found(calls, making, [named.stage for named in one.stages], one.rule) == set()


def test_a_name_is_the_hash_of_plain_json(tiny: MakeConfig) -> None:
    expected = hashlib.sha256(b'{"a": [1, 2], "b": null}').hexdigest()[:32]
    assert fingerprint._digest({"b": None, "a": (1, 2)}) == expected
