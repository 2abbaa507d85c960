"""A name changes when, and only when, something that can change the result changes."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from assay.config.changes import apply
from assay.config.errors import UserError
from assay.config.ignored import deciding_values
from assay.config.section import Section, at_least, fields_of, paths_of
from assay.experiment import fingerprint
from assay.experiment.fingerprint import (
    NO_EFFECT,
    STAGE_CODE,
    TRIAL_CODE,
    code_fingerprint,
    essence,
    stage_fingerprint,
    trial_fingerprint,
)
from assay.training import State, train_stage
from smfnet.config.loss import LossConfig
from smfnet.config.root import Config
from smfnet.data import Patches, patches, training_pairs
from smfnet.training import JOINT, STAGE1, STAGE2, Stage

MakeConfig = Callable[..., Config]

_NO_GRAPH = {"graph.enabled": False, "loss.stage2.decomp_terms": ["D"]}
_JOINT = {"train.stage1_epochs": 0, "train.epochs": 1}
_SUM = _JOINT | {"loss.joint.form": "sum"}
# Kind of stage and changes to the base: together they go through every part of the code.
_STAGES: list[tuple[str, dict[str, Any]]] = [
    (STAGE1, {}),
    (STAGE1, _NO_GRAPH),
    (STAGE1, {"graph.kind": "conv", "detail.cross.enabled": False}),
    (STAGE1, {"base.kind": "single_attention", "loss.gram.input": "features", "loss.mse.weight": 1}),
    (STAGE1, {"loss.gram.weight": 0, "loss.semantic.weight": 0}),
    (STAGE1, {"loss.semantic.mode": "soft_classes", "loss.stage1.decomp_terms": ["D", "G"]}),
    (STAGE1, {"loss.semantic.mode": "off"}),
    (STAGE2, {}),
    (STAGE2, {"fuse.swap": True, "fuse.combine": "concat"}),
    (STAGE2, _NO_GRAPH),
    (STAGE2, {"graph.kind": "conv", "detail.cross.enabled": False}),
    (STAGE2, {"base.kind": "single_attention", "train.freeze_encoder_stage2": True}),
    (JOINT, _JOINT),
    (JOINT, _JOINT | _NO_GRAPH | {"detail.cross.enabled": False}),
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
            if name in type(section).__dataclass_fields__ and not is_dataclass(value):  # type: ignore[attr-defined]
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
    defaults = {STAGE1: ("fuse.swap", "fuse.blocks", "fuse.grdb"), STAGE2: (), JOINT: ()}  # of layers that do not last
    seen: dict[str, set[str]] = {STAGE1: set(), STAGE2: set(), JOINT: set()}
    named: dict[str, set[str]] = {STAGE1: set(), STAGE2: set(), JOINT: set()}
    for kind, changes in _STAGES:
        stage = Stage(kind, tiny({"train.epochs": 2} | changes), 1)
        parent = parents(tiny({"train.epochs": 2})) if kind == STAGE2 and not changes else None
        mine = reads(lambda: train_stage(stage, training_patches, parent=parent, save=id))  # noqa: B023
        assert mine <= {*deciding_values(stage.config), "train.checkpoint_s", *defaults[kind]}, (kind, changes)
        seen[kind] |= mine
        named[kind] |= deciding_values(stage.config).keys()
    for kind, paths in named.items():
        assert paths - seen[kind] == set(), kind


@pytest.mark.parametrize("kind", [STAGE1, STAGE2, JOINT])
def test_what_declares_that_it_decides_nothing_changes_nothing(
    tiny: MakeConfig, training_patches: Patches, parents: Callable[[Config], State], kind: str
) -> None:
    declared = {path for path, item in fields_of(Config()).items() if not item.metadata.get("decides", True)}
    assert declared == {"train.checkpoint_s"}
    base = _JOINT if kind == JOINT else {}
    parent = parents(tiny()) if kind == STAGE2 else None
    states = {
        train_stage(
            Stage(kind, tiny(base | {"train.checkpoint_s": seconds}), 1), training_patches, parent=parent, save=id
        ).to_bytes()
        for seconds in (0, 1000)
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
        return [*value[1:], 3] if path == "graph.dilations" else [*value, "more"]
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
    read = deciding_values(Stage(kind, base, 1).config).keys()
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
        (_NO_GRAPH, {"graph.iters": 5}),
        (_NO_GRAPH, {"graph.kind": "conv"}),
        ({"detail.cross.enabled": False}, {"detail.cross.layernorm": True}),
        ({"graph.kind": "conv"}, {"graph.gate_layout": "interleaved"}),
        ({"base.kind": "single_attention"}, {"base.groups": 7}),
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
        assert trial_fingerprint("s", None, "d", automatic) == trial_fingerprint("s", None, "d", named)


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
        trial_fingerprint("s", None, "d", config, "c"),
        trial_fingerprint("t", None, "d", config, "c"),
        trial_fingerprint(None, "max", "d", config, "c"),
        trial_fingerprint(None, "mean", "d", config, "c"),
        trial_fingerprint("s", None, "e", config, "c"),
        trial_fingerprint("s", None, "d", config, "b"),
        trial_fingerprint("s", None, "d", tiny({"infer.rescale": "clip"}), "c"),
        trial_fingerprint("s", None, "d", tiny({"infer.colour": "grey"}), "c"),
        trial_fingerprint("s", None, "d", tiny({"train.device": "cuda"}), "c"),
    ]
    assert len(set(names)) == len(names)
    for path in ("optim.lr", "data.val_pairs", "seeds"):  # the stage's name has them, or nobody reads them
        assert trial_fingerprint("s", None, "d", tiny({path: 3}), "c") == names[0]


_SOURCE = '''"""A module."""
import math

def area(radius):
    """Of a circle."""
    return math.pi * radius**2
'''


@pytest.mark.parametrize(
    "changed",
    [
        _SOURCE.replace("import math", "# what we need\nimport math"),
        _SOURCE.replace("Of a circle.", "Of a disc, in square metres."),
        _SOURCE.replace('    """Of a circle."""\n', ""),
        _SOURCE.replace("import math", "import logging\nimport math\n\n_LOG = logging.getLogger(__name__)"),
        _SOURCE.replace("    return", '    _LOG.info("area of %s", radius)\n    return'),
        _SOURCE.replace("    return", "    logging.debug('area')\n\n\n    return"),
        _SOURCE.replace("radius**2", "(radius ** 2)"),
    ],
)
def test_what_does_not_compute_is_no_part_of_the_code(changed: str) -> None:
    assert changed != _SOURCE
    assert essence(changed) == essence(_SOURCE)


@pytest.mark.parametrize(
    "changed",
    [
        _SOURCE.replace("radius**2", "radius**3"),
        _SOURCE.replace("math.pi", "3.14"),
        _SOURCE.replace("    return", "    radius = abs(radius)\n    return"),
        _SOURCE.replace("    return", "    check(radius)\n    return"),
        _SOURCE.replace("    return", "    radius.log.abs_()\n    return"),
    ],
)
def test_what_computes_is(changed: str) -> None:
    assert essence(changed) != essence(_SOURCE)


def test_a_body_of_nothing_but_words_is_still_a_body() -> None:
    assert compile(essence('def f():\n    """Nothing."""\nclass A(Exception):\n    """Trouble."""\n'), "", "exec")


@pytest.fixture
def clone(root: Path, tmp_path: Path) -> Path:
    """A copy of engine and study that may be changed."""
    for package in ("assay", "smfnet"):
        shutil.copytree(root / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def _codes(clone: Path) -> tuple[str, str]:
    fingerprint._code_fingerprint.cache_clear()
    return code_fingerprint(STAGE_CODE, clone), code_fingerprint(TRIAL_CODE, clone)


def test_a_change_of_code_changes_the_names_that_it_can_change(clone: Path) -> None:
    before = _codes(clone)
    assert before == (code_fingerprint(STAGE_CODE), code_fingerprint(TRIAL_CODE))

    def changed_by(file: str, line: str) -> tuple[bool, bool]:
        path = clone / file
        text = path.read_text() if path.exists() else ""
        path.write_text(f"{text}\n{line}\n")
        after = _codes(clone)
        path.write_text(text) if text else path.unlink()
        return before[0] != after[0], before[1] != after[1]

    assert changed_by("smfnet/model/graph_branch.py", "# a comment") == (False, False)
    assert changed_by("smfnet/model/graph_branch.py", "SIZE = 3") == (True, False)
    assert changed_by("smfnet/losses/another.py", "SIZE = 3") == (True, False)
    assert changed_by("assay/training/loop.py", "SIZE = 3") == (True, False)
    assert changed_by("smfnet/metrics/ssim.py", "SIZE = 3") == (False, True)
    assert changed_by("smfnet/fusion/test_step.py", "SIZE = 3") == (False, True)
    assert changed_by("smfnet/data/images.py", "SIZE = 3") == (True, True)
    for file in ("smfnet/data/check.py", "assay/training/probe.py", "assay/cli/ablate.py", "assay/store/store.py"):
        assert changed_by(file, "SIZE = 3") == (False, False)


def test_what_has_no_effect_is_there(root: Path) -> None:
    assert [name for name in NO_EFFECT if not (root / name).exists()] == []


def test_a_name_is_the_hash_of_plain_json(tiny: MakeConfig) -> None:
    expected = hashlib.sha256(b'{"a": [1, 2], "b": null}').hexdigest()[:32]
    assert fingerprint._digest({"b": None, "a": (1, 2)}) == expected
