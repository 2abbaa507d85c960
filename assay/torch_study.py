"""A study in four methods: what the network is, what it is trained on, what its loss is, and how well it does."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay.config.compose import Schema
from assay.config.errors import UserError, one_line, unknown
from assay.config.ignored import deciding_values, seen_by
from assay.config.root import RootConfig
from assay.config.section import paths_of
from assay.config.training import TorchConfig
from assay.stage import Cost, Stage, StageJob, StageResult
from assay.study import TEST, TRAIN, VAL, Making, Measured, Pace, Study, StudyCode

if TYPE_CHECKING:
    from torch import Tensor, nn

    from assay.training.user_recipe import TorchStage, UserRecipe

__all__ = ["TorchStudy"]

_LOOP = ("assay.training.user_recipe:UserRecipe", "assay.training.loop:train_recipe")
_RESTORED = (
    *("assay.training.user_recipe:built", "assay.training.state:restore_model"),
    *("assay.training.precision:device_of", "assay.training.precision:numeric_mode"),
)
_PROOF = ("assay.training.proof:measure_proof",)
_BEYOND = tuple(f"assay.training.{name}" for name in ("probe", "work", "memory", "given", "written"))
# What is said of a study and trains nothing: it may change, and what is trained keeps its name.
_TOLD = (
    *("name", "metrics", "suite", "space", "suites", "spaces", "published", "pilots"),
    *("columns", "parts", "seeds", "sample", "formats"),
    *("defaults_of", "objective"),
)
_UNKNOWN = -1  # samples: there are some


class TorchStudy(Study):
    """A network of torch's: `build`, `batches`, `terms` and `evaluate`; loop, optimiser, checkpoints are the engine's.

    Attributes:
        config: class of the configuration, a `TorchConfig` with sections of the study's own; its defaults are the base.
        metrics: what `evaluate` gives, in order.
        suite, space: rows, and parameters to search; see `Study`.
        parts: modules of the network whose removal the proof tries, by dotted name.
        phases: stage -> path of the value that says at which epoch it ends; a stage begins where the one before ends,
            with those of its weights and moments that it has too. A stage that ends at epoch 0 is left out.
        splits: that `evaluate` knows; without `val` there is no search.
        seeds: of each row, unless a command says otherwise; fewer than three resolve nothing.
        sample: what `evaluate` measures, one of many: an image, a line.
    """

    config: type[TorchConfig] = TorchConfig
    parts: tuple[str, ...] = ()
    phases: Mapping[str, str] = {"train": "train.epochs"}
    splits: tuple[str, ...] = (VAL, TEST)
    seeds: int = 3
    device = "train.device"

    def __init__(self) -> None:
        from assay.training.written import check_class

        kind = type(self)
        self.name = getattr(self, "name", kind.__name__.lower())
        if kind.__module__ == "__main__":
            raise UserError(
                f"{kind.__name__} is defined in a notebook or a script that runs: workers could not import it; write "
                f"it to a file (%%writefile {self.name}_study.py) and say --study {self.name}_study.py"
            )
        if kind.__qualname__ != kind.__name__:
            raise UserError(f"{kind.__qualname__} is defined within another definition: expected it in a module itself")
        check_class(kind, TorchStudy)
        self.code = StudyCode(f"{kind.__module__}:{kind.__name__}")
        self.schema = Schema(kind.config, first={"seeds": kind.seeds})
        for phase, path in self.phases.items():
            if path not in self.schema.known:
                raise unknown(f"value that says where the phase {phase} ends,", path, self.schema.known)

    def build(self, config: Any) -> nn.Module:
        """The network; torch's generator is seeded, so that the seed decides the weights."""
        raise self._undefined("build")

    def batches(self, config: Any, seed: int, epoch: int) -> Any:
        """The batches of an epoch, tuples of tensors whose first dimension counts samples; they must have a `len()`.

        The same each time for the same seed and epoch: a training that goes on skips those that it has seen.
        """
        raise self._undefined("batches")

    def terms(self, network: nn.Module, batch: Sequence[Tensor], config: Any) -> Mapping[str, Any]:
        """Terms of the loss by name: a 0-dim tensor, or a pair of it and its weight; a weight of 0 leaves one out."""
        raise self._undefined("terms")

    def evaluate(self, network: nn.Module, config: Any, split: str) -> Mapping[str, Any]:
        """Every metric of every sample of a split: sample -> metric -> value; or metric -> value of the whole split.

        The network is in evaluation mode, and no gradient is kept.
        """
        raise self._undefined("evaluate")

    def evaluate_rule(self, rule: str, config: Any, split: str) -> Mapping[str, Any]:
        """The same for a training-free rule of `rules`."""
        raise self._undefined("evaluate_rule")

    def phase_build(self, phase: str, config: Any) -> nn.Module:
        """The network of one of several stages; `build` unless a study says otherwise.

        A stage cannot read what it ignores: a network of the first one that needs values of the second is another.
        """
        return self.build(config)

    def phase_batches(self, phase: str, config: Any, seed: int, epoch: int) -> Any:
        """The batches of one of several stages; `batches` unless a study says otherwise."""
        return self.batches(config, seed, epoch)

    def phase_terms(self, phase: str, network: nn.Module, batch: Sequence[Tensor], config: Any) -> Mapping[str, Any]:
        """The terms of one of several stages; `terms` unless a study says otherwise."""
        return self.terms(network, batch, config)

    def phase_modules(self, phase: str, network: nn.Module, config: Any) -> Mapping[str, nn.Module]:
        """What a stage trains, each module with a clipped gradient of its own; the whole unless a study says so."""
        return {"network": network}

    def output(self, network: nn.Module, batch: Sequence[Tensor]) -> Tensor:
        """What the proof looks at when a part is removed: what the network makes of a batch's first tensor."""
        made: Tensor = network(batch[0])
        return made

    def files(self, config: Any, split: str) -> Iterable[Path]:
        """Files that a split is read from: their content decides results. None if the code makes the data."""
        return ()

    @cached_property
    def training(self) -> Making:  # type: ignore[override]
        """From the study's class, without what is only told of it, and from the engine's loop."""
        return self._making(_LOOP, ("evaluate", "evaluate_rule", "output", "splits", "files", *_TOLD))

    @cached_property
    def measuring(self) -> Making:  # type: ignore[override]
        """From the study's class, and from what restores a network and looks into it."""
        return self._making((*_RESTORED, *_LOOP[:1], *_PROOF), _TOLD)

    @cached_property
    def measuring_a_rule(self) -> Making:  # type: ignore[override]
        """From the study's class."""
        return self._making((), _TOLD)

    def check(self, configs: Iterable[Any]) -> None:
        """Refuse a part that no network has; networks are built until all parts are found, so mostly one."""
        from assay.training.user_recipe import built

        missing, known = set(self.parts), dict[str, None]()
        for config in configs if missing else ():
            phase = self.stages(config, config.seed, TEST)[-1].kind
            known |= dict.fromkeys(name for name, _ in built(self, phase, config, config.seed).named_modules() if name)
            if not missing - known.keys():
                return
        for name in self.parts:
            if name in missing - known.keys():
                raise unknown("part of the network (`parts`)", name, known)

    @cached_property
    def pace(self) -> Pace:  # type: ignore[override]
        """By all values but the lengths of its stages, and those of the optimiser that are numbers."""
        numbers = ("optim.lr", "optim.weight_decay", "optim.momentum")
        return Pace(size=("train.device",), neutral=(*self.phases.values(), "train.checkpoint_s", *numbers))

    def stages(self, config: Any, seed: int, split: str) -> Sequence[TorchStage]:
        """One for each of `phases` that has an epoch."""
        from assay.training.user_recipe import TorchStage

        values = paths_of(config)
        ends = {phase: int(values[path]) for phase, path in self.phases.items()}
        spans = zip(ends, pairwise((0, *ends.values())), strict=True)
        kept = [(phase, first, last) for phase, (first, last) in spans if last > first]
        if not kept:
            raise UserError(f"there is nothing to train: {', '.join(self.phases.values())} leave no epoch")
        seen = {phase: seen_by(config, phase) for phase, _, _ in kept}
        return [TorchStage(phase, seen[phase], seed, first, last) for phase, first, last in kept]

    def data(self, config: Any, split: str) -> str:
        """Of the content of `files`."""
        digest = hashlib.sha256(split.encode())
        try:
            for path in sorted(map(Path, self.files(config, split))):
                digest.update(hashlib.sha256(path.read_bytes()).digest())
        except (OSError, TypeError) as error:
            reason = error.strerror if isinstance(error, OSError) else one_line(str(error), most=200)
            place = f" {error.filename}" if isinstance(error, OSError) and error.filename else ""
            raise UserError(f"files() of {split}: expected files that can be read;{place} {reason}") from error
        return digest.hexdigest()[:32]

    def size(self, config: Any, split: str) -> int:
        """Whether there is such a split."""
        return _UNKNOWN if split in (TRAIN, *self.splits) else 0

    def train(self, stage: Stage, job: StageJob) -> StageResult:
        """By the engine's loop."""
        from assay.training.work import carried_out

        return carried_out(self._recipe(stage, job.config), job)

    def model(self, config: Any, state: bytes) -> nn.Module:
        """The network, in evaluation mode."""
        from assay.training.precision import device_of
        from assay.training.state import State, restore_model
        from assay.training.user_recipe import built

        phase = self.stages(config, config.seed, TEST)[-1].kind
        network = built(self, phase, config, config.seed).to(device_of(config.train))
        restore_model(network, State.from_bytes(state))
        return network.eval()

    def measure(self, config: Any, model: nn.Module, split: str) -> Measured:
        """What `evaluate` gives, looked at."""
        return self._measured(config, lambda: self.evaluate(model, config, split), "evaluate")

    def measure_rule(self, config: Any, rule: str, split: str) -> Measured:
        """What `evaluate_rule` gives, looked at."""
        return self._measured(config, lambda: self.evaluate_rule(rule, config, split), "evaluate_rule")

    def proof(self, config: Any, stages: Sequence[Stage], model: nn.Module) -> Mapping[str, Any]:
        """Parameters, FLOPs, shares of the terms, and what changes without each of `parts`.

        A stage that trains another network than the last one's is left out: its terms are not this network's.
        """
        from assay.training.given import output_given
        from assay.training.precision import numeric_mode
        from assay.training.proof import measure_proof

        recipes = [self._recipe(stage, config) for stage in stages]
        device = next(model.parameters()).device
        batch = [tensor[:2] for tensor in next(iter(recipes[-1].batches(recipes[-1].stage.first_epoch, device)))]
        with numeric_mode(config.train):
            own = [each for each in recipes if each.network().state_dict().keys() == model.state_dict().keys()]
            return measure_proof(own, model, batch, self.parts, output_given(self.output))

    def steps(self, config: Any, samples: int | None) -> int:
        """As many as `batches` says."""
        from assay.training.given import batches_given

        first = self.stages(config, config.seed, TEST)[0]
        return len(batches_given(self.phase_batches(first.kind, config, config.seed, first.first_epoch)))

    def probe(self, config: Any, stage: Stage) -> Cost:
        """On the study's own batches."""
        from assay.training.probe import probe

        return probe(self._recipe(stage, config))

    def measuring_values(self, config: Any) -> Mapping[str, Any]:
        """All but the engine's own: what no stage reads may decide what is measured."""
        own = set(paths_of(RootConfig()))
        return {path: value for path, value in deciding_values(config).items() if path not in own}

    def threads(self, config: Any) -> int:
        """`train.threads`."""
        return int(config.train.threads)

    def _undefined(self, method: str) -> UserError:
        return UserError(f"{type(self).__name__} does not define {method}(): see assay.torch_study.TorchStudy")

    def _measured(self, config: Any, evaluate: Callable[[], Mapping[str, Any]], method: str) -> Measured:
        import torch

        from assay.training.given import measured_given
        from assay.training.precision import numeric_mode

        with numeric_mode(config.train), torch.random.fork_rng(devices=()), torch.inference_mode():
            torch.manual_seed(0)
            names = [metric.name for metric in self.measures(config)]
            return Measured(tuple(measured_given(evaluate(), names, method)))

    def _recipe(self, stage: Stage, config: Any) -> UserRecipe:
        from assay.training.user_recipe import TorchStage, UserRecipe

        assert isinstance(stage, TorchStage)
        return UserRecipe(self, stage, config)

    def _making(self, entries: tuple[str, ...], aside: tuple[str, ...]) -> Making:
        """Followed through the study's own modules, and the engine's training."""
        module, name = type(self).__module__, type(self).__name__
        own = tuple(each.removesuffix(".__init__") for each in self.code.sources) or (module.partition(".")[0],)
        root = Path(self.code.folder) if self.code.folder else None
        return Making((*entries, f"{module}:{name}"), ("assay.training", *own), _BEYOND, aside, root)
