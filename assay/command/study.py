"""A training command as a study of the engine."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from assay.command.archive import file_in, kept, read_metrics
from assay.command.configuration import DEVICE, config_class, parameters_in, space_of
from assay.command.document import document
from assay.command.environment import environment_here, environment_of, interpreter, is_ours, packages_of
from assay.command.files import DecidingFiles
from assay.command.process import Ended, run_command
from assay.command.results import samples_in
from assay.command.rules import check_together
from assay.command.stage import CommandStage
from assay.command.watching import Watch
from assay.command.words import filled, names_in, script_in, split_command
from assay.command.workplace import workplace
from assay.config.compose import Schema
from assay.config.errors import UserError, one_line
from assay.config.ignored import seen_by
from assay.stage import Diverged, Stage, StageJob, StageResult
from assay.store.disk.atomic import write_bytes
from assay.study import TEST, TRAIN, VAL, Making, Measured, Pace, Study, StudyCode
from assay.training.state import sealed_file, unsealed_file

__all__ = ["CommandStudy", "command_study"]

_PLACE = "assay.command.study:command_study"
_NO_CODE = Making((), ())  # what decides is the command, and the files whose content its data are named after


def command_study(text: str, path: str, known: str = "") -> CommandStudy:
    """The study of a YAML file.

    Args:
        text: of the file.
        path: of the file, absolute; the command runs in its folder.
        known: in a worker, what the process that began the run knows, see `CommandStudy.code`.

    Raises:
        UserError: the file is no such study.
    """
    return CommandStudy(text, Path(path), json.loads(known) if known else None)


class CommandStudy(Study):
    """A command of the user's, run once for each training.

    Args:
        text: of its YAML file.
        path: of that.
        known: environment of the command and hashes of files, of the process that began the run; this one's if None.
    """

    device = DEVICE
    state_file = "output.zip"
    no_validation = "name their metrics file with `validation:`, or put {split} into the command"
    unpromised = ("training twice", "checkpoints", "code")
    training = measuring = measuring_a_rule = _NO_CODE

    def __init__(self, text: str, path: Path, known: Mapping[str, Any] | None = None) -> None:
        self.written = document(text, path.name)
        self.name, self.folder, self._text, self._path = path.stem, path.parent, text, path
        self._words = split_command(self.written.command, path.name)
        self.schema = Schema(config_class(self.written, path.name))
        check_together(self.written, self._words, path.name)
        self.metrics = self.written.measured
        self._baselines = {
            name: split_command(each.command, path.name) for name, each in self.written.all_baselines.items()
        }
        self.rules = {name: each.title for name, each in self.written.all_baselines.items()}
        self.sample = self.written.sample or "sample"
        self.space = space_of(self.written)
        self.published = self.folder if self.written.published else None
        self._environment: dict[str, str] = dict(known["environment"]) if known else environment_here()
        files = (dict(known["files"]), list(known["listed"])) if known else ({}, None)
        self._files = DecidingFiles(self.folder, self.written.files, *files)

    @cached_property
    def pace(self) -> Pace:  # type: ignore[override]
        """By every parameter but the one that says how many steps there are."""
        return Pace(size=(DEVICE,), neutral=(self.written.epochs,) if self.written.epochs else ())

    @cached_property
    def suite(self) -> Mapping[str, Any]:  # type: ignore[override]
        """The file's own rows."""
        written = self.written
        return {
            "title": written.title or self.name,
            "published": written.published,
            "base": written.base,
            "baselines": list(self.rules),
            "rows": written.rows,
        }

    @property
    def code(self) -> StudyCode:  # type: ignore[override]
        """For workers: the file, the environment of the user's shell, and the content of files as it was planned."""
        known = {"environment": self._environment, "files": self._files.planned, "listed": self._files.listed}
        return StudyCode(_PLACE, (self._text, str(self._path), json.dumps(known)))

    @cached_property
    def decisive(self) -> tuple[str, ...]:  # type: ignore[override]
        """Of a Python whose packages are those of this process; others are recorded with each training alone."""
        program = interpreter(self._words[0], self.folder, self._environment)
        return ("torch", "numpy") if program and is_ours(program) else ()

    def stages(self, config: Any, seed: int, split: str) -> Sequence[Stage]:
        """One, that is another for each split if the command asks for it."""
        asked = split if "split" in self._asked else ""
        kind = f"train-{asked}" if asked else "train"
        epochs = getattr(config, self.written.epochs) if self.written.epochs else 1
        if epochs < 1:
            raise UserError(f"{self.written.epochs}: expected at least 1; got {epochs}")
        return (CommandStage(kind, seed, seen_by(config, kind), 0, epochs, asked),)

    def data(self, config: Any, split: str) -> str:
        """Of the command and of every file that decides what it gives; for measuring, of how that is read too."""
        written = self.written
        decides: dict[str, Any] = {
            "command": self._words,
            "environment": written.environment,
            "files": self._files.hashes(self._lasting(self._words, config)),
            "output": [written.results, written.validation],
        }
        if split != TRAIN:
            baselines = self._baselines.items()
            decides |= {
                "read": [self._file_of(split), written.sample, *written.metrics],
                "baselines": {
                    name: [each, self._files.hashes(self._lasting(each, config))] for name, each in baselines
                },
            }
        return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()[:32]

    def seed_data(self, config: Any, seed: int) -> str:
        """Of the files that words name under this seed alone."""
        lasting, found = (self._files.words(self._lasting(self._words, config, each)) for each in (None, seed))
        more = {name: digest for name, digest in found.items() if name not in lasting}
        return hashlib.sha256(json.dumps(more, sort_keys=True).encode()).hexdigest()[:32] if more else ""

    def circumstances(self, config: Any) -> Mapping[str, str]:
        """The threads that its environment asks for, if it does: nobody knows how many a command has."""
        name = "OMP_NUM_THREADS"
        told = self.written.environment.get(name) or self._environment.get(name)
        return {"threads": told} if told else {}

    def measuring_values(self, config: Any) -> Mapping[str, Any]:
        """Those of the parameters, if a baseline may read them."""
        return parameters_in(config) if self._baselines else {}

    def size(self, config: Any, split: str) -> int:
        """-1: nobody knows how many there are before the command has run; 0 of a split that it does not tell apart."""
        return 0 if split == VAL and "split" not in self._asked and self.written.validation is None else -1

    def prepared(self, config: Any, splits: Sequence[str]) -> Any:
        """Look for the programs and scripts."""
        for words in (self._words, *self._baselines.values()):
            if interpreter(words[0], self.folder, self._environment) is None:
                raise UserError(
                    f"{self._path.name}: there is no program {one_line(words[0], most=200)}: is it on the PATH?"
                )
            if (script := script_in(words)) and not (self.folder / script).is_file():
                raise UserError(f"{self._path.name}: {one_line(script, most=200)} is not there, in {self.folder}")
        return config

    def train(self, stage: CommandStage, job: StageJob) -> StageResult:  # type: ignore[override]
        """Run the command once."""
        written, config = self.written, job.config
        with workplace() as (output, resume):
            given: dict[str, Any] = {"seed": stage.seed, "output": output, "split": stage.split, "resume": ""}
            if job.checkpoint and written.checkpoint:
                given["resume"] = resume / Path(written.checkpoint).name
                write_bytes(given["resume"], unsealed_file(job.checkpoint))
            watch = Watch(
                stage,
                StageJob(config, save=lambda data: job.save(sealed_file(data)), report=job.report,
                         after_epoch=job.after_epoch),
                output,
                written.progress,
                tuple(written.metrics),
                epochs=written.epochs is not None,
                checkpoint=written.checkpoint,
            )  # fmt: skip
            ended = self._run(self._words, config, given, watch)
            metrics = self._metrics_of(output, ended)
            watch.end()
            state = kept(output, metrics, written.keep, ended.log, self._about(config))
        epochs = stage.last_epoch - stage.first_epoch
        trained = min(len(watch.lines), epochs) if given["resume"] and written.epochs else epochs
        return StageResult(state, trained, watch.log, max(1, round(watch.reports / epochs)))

    def model(self, config: Any, state: bytes) -> Any:
        """What is stored of the command's output."""
        return state

    def network(self, config: Any, state: bytes) -> Any:
        """There is none that we know of."""
        raise UserError(f"{self.name} is a command: what its network is only its script knows")

    def measure(self, config: Any, model: Any, split: str) -> Measured:
        """Read the metrics: out of what is stored, or as the command told them while it ran."""
        if isinstance(model, Mapping):
            return Measured((("", model),))
        name = self._file_of(split)
        try:
            return Measured(self._samples(name, file_in(model, name)))
        except ValueError as error:
            raise Diverged(str(error)) from error

    def measure_rule(self, config: Any, rule: str, split: str) -> Measured:
        """Run a baseline."""
        with workplace() as (output, _):
            ended = self._run(self._baselines[rule], config, {"output": output, "split": split})
            name = self._file_of(split)
            return Measured(self._samples(name, self._metrics_of(output, ended, (name,))[name]))

    def steps(self, config: Any, samples: int | None) -> int | None:
        """As often as the command told of itself, in an epoch."""
        return samples

    @cached_property
    def _asked(self) -> set[str]:
        """Of what is given, what the command asks for."""
        return names_in(self._words, ("split", "resume"))

    def _file_of(self, split: str) -> str:
        """Where the metrics of a split come out."""
        return self.written.validation if split == VAL and self.written.validation else self.written.results

    def _filled(self, words: Sequence[str], config: Any, given: Mapping[str, Any]) -> list[str]:
        return filled(words, {**parameters_in(config), DEVICE: config.device, **given})

    def _lasting(self, words: Sequence[str], config: Any, seed: int | None = None) -> list[str]:
        """The words that may be files that decide, of every split; what an output names is not known before it runs."""
        given = {} if seed is None else {"seed": seed}
        val, test = (self._filled(words, config, {"split": split, **given}) for split in (VAL, TEST))
        return [*val, *test[1:]]

    def _run(
        self, words: Sequence[str], config: Any, given: Mapping[str, Any], look: Callable[[], None] = lambda: None
    ) -> Ended:
        """Fill the words of a command, and run it to its end.

        Raises:
            UserError: a file was changed since the run was planned.
            Diverged: the command failed.
        """
        lasting = self._lasting(words, config, given.get("seed"))
        planned = self._files.hashes(lasting)
        self._check_unchanged(lasting, planned)
        program, *arguments = self._filled(words, config, given)
        program = interpreter(program, self.folder, self._environment) or program
        ended = run_command([program, *arguments], self.folder, self._environment_for(config), look)
        self._check_unchanged(lasting, planned)
        if ended.problem:
            raise Diverged(ended.problem)
        return ended

    def _environment_for(self, config: Any) -> dict[str, str]:
        return environment_of(self._environment, self.written.environment, config.device)

    def _about(self, config: Any) -> str:
        program = interpreter(self._words[0], self.folder, self._environment) or self._words[0]
        return packages_of(program, self.folder, self._environment_for(config))

    def _check_unchanged(self, words: Sequence[str], planned: Mapping[str, str]) -> None:
        if changed := self._files.changed(words, planned):
            raise UserError(
                f"{one_line(changed)} while the run went on: give the same command again (or, below a folder that is a "
                "word of it, say with files: what decides there)"
            )

    def _metrics_of(self, output: Path, ended: Ended, names: Sequence[str] = ()) -> dict[str, bytes]:
        """The metrics files, each looked through.

        Raises:
            Diverged: one is not there, or not as it should be.
        """
        found: dict[str, bytes] = {}
        try:
            for name in names or filter(None, (self.written.results, self.written.validation)):
                found[name] = read_metrics(output, name)
                self._samples(name, found[name])
        except ValueError as error:
            raise Diverged(str(error)) from error
        return found

    def _samples(self, name: str, data: bytes) -> tuple[tuple[str, Mapping[str, float]], ...]:
        return samples_in(name, data, tuple(self.written.metrics), self.written.sample)
