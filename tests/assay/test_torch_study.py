"""A study in four methods: named by what decides it, trained bit for bit, and told when it is wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch

from assay.config.changes import apply
from assay.config.errors import UserError
from assay.config.section import at_least
from assay.config.training import TorchConfig
from assay.experiment.execution import TrialFailed, execute_trial
from assay.experiment.naming import code
from assay.experiment.plain import PlainTrial
from assay.experiment.trial import Trial, validation_trial, variant_trial
from assay.metric import Metric
from assay.stage import StageJob
from assay.store.store import STAGES, TRIALS, Store
from assay.store.tables import MEASURED, read_table
from assay.studies import load_study
from assay.torch_study import TorchStudy
from assay.training.shuffled import Shuffled
from assay.tuning.task import train_and_validate


@dataclass(frozen=True)
class Config(TorchConfig):
    """A weight decay of the loss, and a fault to order."""

    shrink: float = at_least(0, 0.0)
    dropout: float = at_least(0, 0.0)
    fault: str = ""


class Line(TorchStudy):
    """Fits y = 2 x + 1."""

    config = Config
    metrics = (Metric("error", "smaller"), Metric("slope", "none"))

    def build(self, config: Config) -> torch.nn.Module:
        return torch.nn.Sequential(torch.nn.Dropout(config.dropout), torch.nn.Linear(1, 1))

    def batches(self, config: Config, seed: int, epoch: int) -> Any:
        x = torch.linspace(-1, 1, 10)[:, None]
        shuffled = Shuffled(x, 2 * x + 1, batch=4, seed=seed, epoch=epoch)
        return iter(shuffled) if config.fault == "no len" else shuffled

    def terms(self, network: torch.nn.Module, batch: Any, config: Config) -> dict[str, Any]:
        x, y = batch
        error = (network(x) - y).square().mean() * (float("nan") if config.fault == "nan loss" else 1)
        weight = network[1].weight.square().sum()  # type: ignore[index]
        return {"error": error, "shrink": (weight, config.shrink)}

    def evaluate(self, network: torch.nn.Module, config: Config, split: str) -> dict[str, Any]:
        assert not network.training
        x = torch.tensor([[0.5], [3.0]]) if split == "test" else torch.tensor([[0.0]])
        errors = (network(x) - 2 * x - 1).abs().flatten().tolist()
        slope = network[1].weight.item()  # type: ignore[index]
        values = {str(n): {"error": error, "slope": slope} for n, error in enumerate(errors)}
        if config.fault == "a metric less":
            del values["0"]["slope"]
        if config.fault == "nan metric":
            values["0"]["error"] = float("nan")
        return {"error": 1.0, "slope": 2.0} if config.fault == "whole" else values


class Looked(Line):
    """Says which parts the proof tries."""

    parts = ("0", "1", "missing")


@dataclass(frozen=True)
class Phased(Config):
    """A value that the first stage ignores."""

    first_epochs: int = at_least(0, 2)
    late: float = at_least(0, 0.0, ignored_by=("first",))


class TwoPhases(Line):
    """Two stages."""

    config = Phased
    phases = {"first": "first_epochs", "second": "train.epochs"}  # noqa: RUF012


MakeTrial = Callable[..., Trial]


@pytest.fixture(scope="module")
def study() -> Line:
    return Line()


@pytest.fixture
def make(study: Line) -> MakeTrial:
    base = apply(Config(), {"train.device": "cpu", "train.epochs": 20, "optim.lr": 0.1, "train.checkpoint_s": 0})
    return lambda changes=None, seed=1: variant_trial(study, "ours", apply(base, changes or {}), seed)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(str(tmp_path / "store"))


def _values(store: Store, trial: Trial) -> dict[tuple[str, str], float]:
    entry = store.find(TRIALS, trial.fingerprint)
    assert entry is not None
    table = read_table(store.read(entry, "results.parquet") or b"", MEASURED)
    return {(line.image, line.metric): line.value for line in table.itertuples()}


@pytest.mark.parametrize("kind", ["adam", "adamw", "sgd"])
def test_a_line_is_fitted(study: Line, make: MakeTrial, store: Store, kind: str) -> None:
    trial = make({"optim.kind": kind, "train.epochs": 60, "optim.schedule": "cosine"})
    outcome = execute_trial(study, trial, store)
    values = _values(store, trial)
    assert outcome.trained_epochs == 60
    assert values["0", "slope"] == pytest.approx(2, abs=0.1)
    assert values.keys() == {(sample, metric) for sample in "01" for metric in ("error", "slope")}
    assert values["1", "error"] == pytest.approx(0, abs=0.3)


@pytest.mark.parametrize("changes", [{}, {"optim.kind": "sgd"}, {"optim.kind": "sgd", "optim.momentum": 0.0}])
def test_a_training_that_goes_on_from_any_checkpoint_ends_in_the_same_bytes(
    study: Line, make: MakeTrial, changes: dict[str, Any]
) -> None:
    """Dropout draws in every step, and batches are shuffled."""
    trial = make({"train.epochs": 3, "dropout": 0.5} | changes)
    (named,) = trial.stages
    checkpoints: list[bytes] = []
    torch.manual_seed(5)
    whole = study.train(named.stage, StageJob(trial.config, save=checkpoints.append))
    assert len(checkpoints) == 9
    for checkpoint in (checkpoints[0], checkpoints[4], checkpoints[7]):
        torch.manual_seed(6)
        again = study.train(named.stage, StageJob(trial.config, checkpoint=checkpoint))
        assert again.state == whole.state
    assert whole.epochs == 3


def test_it_leaves_the_global_generator_alone(study: Line, make: MakeTrial, store: Store) -> None:
    before = torch.get_rng_state()
    execute_trial(study, make({"dropout": 0.5, "train.epochs": 2}), store)
    assert torch.equal(torch.get_rng_state(), before)


def test_rows_with_weights_0_5_and_50_are_three_names_and_three_results(
    study: Line, make: MakeTrial, store: Store
) -> None:
    trials = [make({"shrink": weight}) for weight in (0, 5, 50)]
    assert len({trial.stages[0].fingerprint for trial in trials}) == 3
    for trial in trials:
        execute_trial(study, trial, store)
    slopes = [_values(store, trial)["0", "slope"] for trial in trials]
    assert slopes[0] > slopes[1] > slopes[2]
    logs = [store.find(STAGES, trial.stages[0].fingerprint) for trial in trials]
    assert [sorted(entry.record.log[0][1]) for entry in logs if entry] == [["error"], *2 * [["error", "shrink"]]]


def test_the_same_trial_travels_as_plain_data(study: Line, make: MakeTrial) -> None:
    trial = make({"shrink": 0.5}, seed=7)
    assert PlainTrial.of(trial).trial(study) == trial


def test_a_search_validates_on_its_own_split(study: Line, make: MakeTrial, store: Store) -> None:
    trial = validation_trial(study, "trial0", make().config, 1)
    found = train_and_validate(study, trial, store, lambda report: None)
    assert trial.fingerprint != make().fingerprint
    assert trial.stages == make().stages
    assert found.metrics.keys() == {"error", "slope"}
    assert [epochs for epochs, _ in found.curve][-1] == 20


def test_the_proof_names_parts_terms_and_alarms(make: MakeTrial, store: Store) -> None:
    trial = make({"shrink": 0.5})
    study = Looked()
    proof = study.proof(trial.config, [trial.stages[0].stage], study.build(trial.config).eval())
    assert proof["parameters"] == {"0": 0, "1": 2}
    assert proof["terms"]["train"].keys() == {"error", "shrink"}
    assert proof["outputs"].keys() == {"0", "1"}
    assert proof["outputs"]["1"] > 0


@pytest.mark.parametrize(
    ("fault", "error", "reason"),
    [
        ("nan loss", TrialFailed, "loss not finite at epoch 0, step 0: error = nan"),
        ("nan metric", TrialFailed, "error of 0 is nan"),
        ("a metric less", UserError, "evaluate() of 0: expected error, slope; got error"),
        ("no len", UserError, "which has no len()"),
    ],
)
def test_what_is_wrong_is_one_line(
    study: Line, make: MakeTrial, store: Store, fault: str, error: type[Exception], reason: str
) -> None:
    with pytest.raises(error) as caught:
        execute_trial(study, make({"fault": fault, "train.epochs": 1}), store)
    assert reason in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_one_value_for_a_whole_split_is_a_sample_without_a_name(study: Line, make: MakeTrial, store: Store) -> None:
    execute_trial(study, trial := make({"fault": "whole", "train.epochs": 1}), store)
    assert _values(store, trial) == {("", "error"): 1.0, ("", "slope"): 2.0}


def test_a_notebook_is_told_how_to_write_a_file() -> None:
    made = type("Mine", (Line,), {"__module__": "__main__", "__qualname__": "Mine"})
    with pytest.raises(UserError, match=r"%%writefile mine_study.py"):
        made()


def test_two_phases_share_what_the_first_one_trains(make: MakeTrial, store: Store) -> None:
    study = TwoPhases()
    base = apply(Phased(), {"train.device": "cpu", "train.epochs": 4})
    one, two = (variant_trial(study, "ours", apply(base, {"late": late}), 1) for late in (0, 1))
    assert one.stages[0] == two.stages[0]
    assert one.stages[1] != two.stages[1]
    assert [named.epochs for named in one.stages] == [2, 2]
    assert execute_trial(study, one, store).trained_epochs == 4
    assert execute_trial(study, two, store).trained_epochs == 2
    (alone,) = variant_trial(study, "ours", apply(base, {"first_epochs": 0}), 1).stages
    assert (alone.stage.kind, alone.epochs) == ("second", 4)


_FILE = """
import torch
from assay import Metric, TorchStudy
from parts import size, colour

class Small(TorchStudy):
    metrics = (Metric("error", "smaller"),)
    suite = {"rows": {"ours": {}}}
    def build(self, config):
        return torch.nn.Linear(size(), 1)
    def batches(self, config, seed, epoch):
        return [(torch.ones(2, size()),)]
    def terms(self, network, batch, config):
        return {"square": network(batch[0]).square().mean()}
    def evaluate(self, network, config, split):
        return {"one": {"error": colour()}}
"""
_PARTS = "def size():\n    return 2\n\ndef colour():\n    return 1.0\n\ndef nobody():\n    return 3\n"


@pytest.mark.parametrize(
    ("file", "old", "new", "changed"),
    [
        ("small.py", "{}}}", '{}, "more": {}}}', ""),
        ("small.py", '"error", "smaller"', '"error", "smaller", decimals=2', ""),
        ("small.py", "import torch\n", "import torch\n# a comment\n", ""),
        ("parts.py", "return 3", "return 4", ""),
        ("parts.py", "return 1.0", "return 1.5", "measuring"),
        ("small.py", '"one"', '"two"', "measuring"),
        ("parts.py", "return 2", "return 5", "training measuring"),
        ("small.py", ".square().mean()", ".abs().mean()", "training measuring"),
        ("another.py", "", "raise RuntimeError\n", ""),
    ],
)
def test_a_change_of_its_code_names_anew_what_it_decides_and_nothing_else(
    tmp_path: Path, file: str, old: str, new: str, changed: str
) -> None:
    """Measuring follows from what was trained, so that it may be named anew with it."""
    texts = {"small.py": _FILE, "parts.py": _PARTS}
    names = []
    for folder, edited in (("before", ""), ("after", new)):
        place = tmp_path / folder
        place.mkdir()
        for name, text in texts.items():
            assert name != file or old in text
            (place / name).write_text(text.replace(old, edited, 1) if edited and name == file else text)
        if edited and file not in texts:
            (place / file).write_text(edited)
        study = load_study(str(place / "small.py"))
        code._files.cache_clear()
        config = apply(study.schema.config(), {"train.device": "cpu"})
        trial = variant_trial(study, "ours", config, 1)
        names.append((trial.stages[0].fingerprint, trial.fingerprint))
    kinds = ("training", "measuring")
    assert [kind for kind, one, other in zip(kinds, *names, strict=True) if one != other] == changed.split()


def test_a_class_within_a_function_is_refused_since_its_code_could_not_be_named() -> None:
    class Inner(Line):
        """Nobody could import it."""

    with pytest.raises(UserError, match="within another definition"):
        Inner()
