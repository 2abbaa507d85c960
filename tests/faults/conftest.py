"""A small ablation as a user runs it, in processes of its own that can be killed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import psutil
import pytest
import yaml

from assay.experiment.suite import Variant
from assay.experiment.trial import Trial, baseline_trial, trials_of
from assay.launch.request.configuration import configuration
from assay.store.run.folder import RunFolder
from assay.store.store import STAGES, TRIALS, Store
from assay.training.state import State
from smfnet.study import study

PATIENCE_S = 120.0

SUITE = """\
title: small
base: ours
baselines: [max]
rows:
  one_stage: {title: one stage, changes: {train.stage1_epochs: 0}}
  swap_fusion: {title: swapped, changes: {fuse.swap: true}}
  ours: {title: Ours, changes: {}}
"""

# About a second of training for each of four stages, one of them shared; a checkpoint after every step.
WORDS = (
    *("seeds=1", "network.width=4", "network.heads=1", "base.transformer.groups=1", "base.transformer.pairs=1"),
    *("data.patch=16", "data.stride=16", "data.val_pairs=0", "data.scenes.train_pairs=2", "data.scenes.test_pairs=2"),
    *("data.scenes.height=32", "data.scenes.width=40", "train.device=cpu", "train.batch=2"),
    *("train.epochs=6", "train.stage1_epochs=2", "train.steps_per_epoch=4", "train.checkpoint_s=0"),
)


@dataclass(frozen=True)
class Command:
    """`ablate --all` of the small suite with a storage and a run folder of its own; the same each time.

    Attributes:
        folder: where it is given.
        storage: as `storage=` takes it.
        words: further words.
        before: what the command is given to, as `nice` is.
        environment: what differs from that of the tests.
    """

    folder: Path
    storage: str
    words: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)

    def start(self) -> subprocess.Popen[str]:
        """Give the command; it has a process group of its own."""
        (self.folder / "small.yaml").write_text(SUITE)
        words = ("ablate", "--all", "--suite", "small.yaml", "--output", "run", *WORDS, f"storage={self.storage}")
        return subprocess.Popen(
            [*self.before, sys.executable, "-m", "smfnet.cli.main", *words, *self.words],
            cwd=self.folder,
            env=os.environ | {"OMP_NUM_THREADS": "1", "RAY_memory_monitor_refresh_ms": "0"} | dict(self.environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def to_end(self, code: int = 0) -> str:
        """Give the command and wait for its end; what it wrote to stderr."""
        process = self.start()
        _, errors = process.communicate(timeout=4 * PATIENCE_S)
        assert process.returncode == code, errors
        return errors

    @property
    def results(self) -> pd.DataFrame:
        """Every metric of every image of every row."""
        keys = ["row", "seed", "image", "metric"]
        return RunFolder(self.folder / "run").results().sort_values(keys).set_index(keys)["value"].to_frame()

    @property
    def table(self) -> str:
        """The table as it was written."""
        return (self.folder / "run" / "table.csv").read_text(encoding="utf-8")


@pytest.fixture(scope="session", autouse=True)
def interruptible() -> None:
    """Whoever started the tests in the background may have made them, and what they start, deaf to Ctrl-C."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Command:
    """The command after a run that nothing happened to."""
    folder = tmp_path_factory.mktemp("undisturbed")
    command = Command(folder, str(folder / "store"))
    command.to_end()
    return command


def trials_of_suite() -> tuple[Trial, ...]:
    """The trials of the command."""
    config, _ = configuration(study(), WORDS)
    raw = yaml.safe_load(SUITE)
    variants = [Variant(name, row["title"], row["changes"]) for name, row in raw["rows"].items()]
    return (
        *(baseline_trial(study(), rule, config) for rule in raw["baselines"]),
        *trials_of(study(), config, variants, config.seeds),
    )


@dataclass(frozen=True)
class Kept:
    """What a store holds at a moment.

    Attributes:
        records: entry -> the bytes of its record, in which the time of its making stands.
        done: unfinished stage -> steps that its checkpoint has.
    """

    records: dict[str, bytes]
    done: dict[str, int]


def kept(storage: str) -> Kept:
    """Look at a store; every checkpoint in it has to be whole."""
    store = Store(storage)
    entries = [entry for kind in (STAGES, TRIALS) for entry in store.entries(kind)]
    records = {f"{e.kind}/{e.fingerprint}": store.files.read(f"{e.kind}/{e.fingerprint}/record.json") for e in entries}
    done = {}
    for fingerprint, path in store.checkpoints().items():
        data = store.read_checkpoint(fingerprint)
        assert data is not None, f"{path} is damaged"
        state = State.from_bytes(data)
        if f"{STAGES}/{fingerprint}" not in records:  # who dies between the two leaves it to `store gc`
            done[fingerprint] = 4 * state.epoch + state.step
    return Kept(records, done)


def undisplayed(errors: str) -> list[str]:
    """Lines on stderr that show neither what is done nor the new state of a trial, nor that the command is done."""
    shown = r"\d\d:\d\d:\d\d |assay: done "
    return [line for line in errors.splitlines() if not re.match(shown, line)]


def wait_until(seen: Callable[[], bool], process: subprocess.Popen[str] | None = None) -> bool:
    """Whether something came to be before the process ended."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if seen():
            return True
        if process and process.poll() is not None:
            return False
        time.sleep(0.002)
    raise TimeoutError(f"not within {PATIENCE_S:.0f} s")


def moments(storage: str) -> dict[str, int]:
    """File -> when it was written."""
    found = {}
    for path in Path(storage).rglob("*"):
        try:
            found[str(path)] = path.stat().st_mtime_ns
        except FileNotFoundError:
            continue
    return found


def part_of(process: subprocess.Popen[str], name: str) -> psutil.Process | None:
    """The driver itself, or one of its processes: `raylet`, `gcs_server`, or a `worker` that has a trial."""
    if name == "driver":
        return psutil.Process(process.pid)
    for child in _family(process.pid):
        words = _words(child)
        if name == "worker" and words[0].startswith("ray::") and not words[0].endswith(("IDLE", "Agent")):
            return child
        if words[0].endswith(f"/{name}"):
            return child
    return None


def workforce(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """Whatever could still change something after the driver's end; Ray's two agents may stay for a minute."""
    return [child for child in _family(process.pid) if not _words(child)[0].endswith("Agent")]


def _family(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _words(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline() or [""]
    except psutil.Error:
        return [""]


def end_all_in(folder: Path) -> None:
    """No process of a test outlives it, whatever went wrong."""
    for process in psutil.process_iter():
        try:
            if process.cwd() == str(folder):
                process.send_signal(signal.SIGKILL)
        except psutil.Error:
            continue
