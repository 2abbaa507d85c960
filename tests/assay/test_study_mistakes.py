"""What a newcomer's study can have wrong: told before anything starts where it can be, and always in one line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assay.config.changes import apply
from assay.config.errors import UserError
from assay.experiment.execution import execute_trial
from assay.experiment.suite import suite_of
from assay.experiment.trial import trials_of, variant_trial
from assay.store.store import Store
from assay.studies import load_study

_WHOLE = """
from dataclasses import dataclass
import torch
from assay import Metric, Study, TorchConfig, TorchStudy

@dataclass(frozen=True)
class Config(TorchConfig):
    deep: bool = False

class Mine(TorchStudy):
    config = Config
    metrics = (Metric("error", better="smaller"),)
    parts = ("0",)
    suite = {"rows": {"ours": {}, "deep": {"changes": {"deep": True}}}}
    def build(self, config):
        return torch.nn.Sequential(*[torch.nn.Linear(1, 1) for _ in range(2 if config.deep else 1)])
    def batches(self, config, seed, epoch):
        return [(torch.ones(2, 1),)]
    def terms(self, network, batch, config):
        return {"square": network(batch[0]).square().mean()}
    def evaluate(self, network, config, split):
        return {"one": {"error": 1.0}}
"""
Load = Callable[..., Any]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """The study with one text in place of another."""

    def loaded(old: str, new: str) -> Any:
        assert old in _WHOLE
        (tmp_path / "mine_with_mistakes.py").write_text(_WHOLE.replace(old, new, 1))
        return load_study(str(tmp_path / "mine_with_mistakes.py"))

    return loaded


def _one_line(caught: pytest.ExceptionInfo[UserError], *parts: str) -> None:
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    for part in parts:
        assert part in message


@pytest.mark.parametrize(
    ("old", "new", "parts"),
    [
        ("def build(", "def bild(", ("Mine has no build()", "def build(self, config)")),
        ("def batches(", "def batch(", ("Mine has no batches()", "def batches(self, config, seed, epoch)")),
        ("def terms(", "def loss(", ("Mine has no terms()", "def terms(self, network, batch, config)")),
        ("def evaluate(", "def test(", ("Mine has no evaluate()", "def evaluate(self, network, config, split)")),
        ("network, config, split", "network, split", ("def evaluate(self, network, split): write def evaluate(self,",)),
        ("    def build", '    rules = {"mean": "the mean"}\n    def build', ("Mine has no evaluate_rule()",)),
        ("config = Config", "config = Config()", ("Mine.config", "derives from TorchConfig")),
        ('parts = ("0",)', 'parts = ("0")', ("Mine.parts", "tuple of names")),
        ("    def build", '    phases = {"train": "train.epoch"}\n    def build', ("train.epoch", "train.epochs")),
        ("    def build", "    def __init__(self): pass\n    def build", ("super().__init__()",)),
        ('(Metric("error", better="smaller"),)', '("error",)', ("metrics = (Metric(...), ...)", "'error'")),
        ('(Metric("error", better="smaller"),)', 'Metric("error")', ("metrics = (Metric(...), ...)",)),
        ('better="smaller"),)', '), Metric("error"))', ("metrics: error is there twice",)),
        ('"deep": {"changes"', '"ours": {"changes"', ("mine_with_mistakes.py, line 14", "'ours' is there twice")),
        ("    suite = ", "    suit = ", ("Mine.suit: nothing asks for it. Did you mean suite?",)),
        ("    config = ", "    confg = ", ("Mine.confg: nothing asks for it. Did you mean config?",)),
        ("    def build", "    def outputs(self): pass\n    def build", ("Mine.outputs", "Did you mean output?")),
        ("@dataclass(frozen=True)\n", "", ("Config.deep is no value: write @dataclass(frozen=True) above the class",)),
        ("class Mine(TorchStudy)", "class Mine(Study)", ("Mine has no data(), measure()", "assay.study.Study")),
        (
            "import torch\n",
            "import torch\nimport sys\nsys.exit(3)\n",
            ("SystemExit: 3", "mine_with_mistakes.py, line 5"),
        ),
    ],
)
def test_it_is_told_when_the_study_is_loaded(load: Load, old: str, new: str, parts: tuple[str, ...]) -> None:
    with pytest.raises(UserError) as caught:
        load(old, new)
    _one_line(caught, *parts)


def test_one_phase_method_for_all_is_enough(load: Load) -> None:
    assert load("def build(self, config)", "def phase_build(self, phase, config)").name == "mine"


def test_a_part_that_no_row_has_is_told_before_anything_starts(load: Load) -> None:
    study = load('parts = ("0",)', 'parts = ("0", "2")')
    with pytest.raises(UserError) as caught:
        trials_of(study, study.schema.compose(), suite_of(study).variants[:1], 1)
    _one_line(caught, "unknown part", "'2'", "Known: 0, 1.")


def test_a_part_that_another_row_has_is_none_too_many(load: Load) -> None:
    study = load('parts = ("0",)', 'parts = ("0", "1")')
    assert len(trials_of(study, study.schema.compose(), suite_of(study).variants[:1], 1)) == 1


_BATCHES, _TERMS = "return [(torch.ones(2, 1),)]", 'return {"square": network(batch[0]).square().mean()}'
_EVALUATE = 'return {"one": {"error": 1.0}}'


@pytest.mark.parametrize(
    ("old", "new", "parts"),
    [
        (_EVALUATE, "pass", ("evaluate() gave None", "{sample: {metric: value}}", "return")),
        (_EVALUATE, "return [1.0]", ("evaluate() gave a list", "{sample: {metric: value}}")),
        (_EVALUATE, "return 'good'", ("evaluate() gave 'good'",)),
        (_EVALUATE, "return torch.ones(2)", ("evaluate() gave a tensor of shape (2,)",)),
        (_EVALUATE, "return {}", ("evaluate() gave nothing",)),
        (_EVALUATE, 'return {"one": {"error": "x"}}', ("evaluate() of one", "error is 'x'", "a number")),
        (_EVALUATE, 'return {"error": [1.0, 2.0]}', ("evaluate() of a split", "error is a list")),
        (_EVALUATE, 'return {"one": {"eror": 1.0}}', ("expected error; got eror",)),
        (_TERMS, "pass", ("terms() gave None", "{name: (value, weight)}", "return")),
        (_TERMS, "return network(batch[0]).mean()", ("terms() gave a tensor of one number",)),
        (_TERMS, "return {}", ("terms() gave an empty dict",)),
        (_TERMS, 'return {"square": network(batch[0])}', ("square is a tensor of shape (2, 1)",)),
        (_TERMS, 'return {"square": 1.0}', ("square is 1.0",)),
        (_TERMS, 'return {"square": (network(batch[0]).mean(), "1")}', ("weight of square is '1'",)),
        (_BATCHES, "pass", ("batches() gave None", "len()", "return")),
        (_BATCHES, "return []", ("batches() gave no batch",)),
        (_BATCHES, "return torch.ones(2, 1)", ("batches() gave a tensor of shape (2, 1)", "DataLoader")),
        (_BATCHES, "return iter([(torch.ones(2, 1),)])", ("list_iterator", "no len()")),
        (_BATCHES, 'return [{"x": torch.ones(2, 1)}]', ("tuple of tensors; got a dict",)),
        (_BATCHES, "return [3]", ("tuple of tensors; got 3",)),
        (_BATCHES, "return [(torch.tensor(1.0),)]", ("dimension", "counts samples")),
        ("return torch.nn.Seq", "torch.nn.Seq", ("build() gave None", "torch.nn.Module", "return")),
        ("    def build", "    def output(self, network, batch): return 3\n    def build", ("output() gave 3",)),
        (
            "    def build",
            "    def output(self, network, batch): return network()\n    def build",
            ("output() failed",),
        ),
    ],
)
def test_what_a_method_gives_is_looked_at(
    load: Load, tmp_path: Path, old: str, new: str, parts: tuple[str, ...]
) -> None:
    study = load(old, new)
    config = apply(study.schema.config(), {"train.device": "cpu", "train.epochs": 1})
    with pytest.raises(UserError) as caught:
        execute_trial(study, variant_trial(study, "ours", config, 1), Store(str(tmp_path / "store")))
    _one_line(caught, *parts)


def test_files_that_are_not_there_are_told_before_anything_starts(load: Load) -> None:
    study = load("    def build", "    def files(self, config, split): return ['no/such.file']\n    def build")
    with pytest.raises(UserError) as caught:
        variant_trial(study, "ours", study.schema.config(), 1)
    _one_line(caught, "files() of train", "no/such.file")


def test_without_parts_nothing_asks_for_the_output(load: Load, tmp_path: Path) -> None:
    study = load('parts = ("0",)', "def output(self, network, batch): return None")
    config = apply(study.schema.config(), {"train.device": "cpu", "train.epochs": 1})
    execute_trial(study, variant_trial(study, "ours", config, 1), Store(str(tmp_path / "store")))
