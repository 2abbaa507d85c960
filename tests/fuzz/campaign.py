"""A campaign: so many inputs of every kind, each in a scene of its own, in processes that may die of them."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import tempfile
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from tests.fuzz.attempt import PATIENCE_S, Attempt, Outcome, tried
from tests.fuzz.kinds import KINDS
from tests.fuzz.mutation import Chance
from tests.fuzz.scene import Scene
from tests.fuzz.watch import Snapshot
from tests.fuzz.world import build, prepare

__all__ = ["Campaign", "Case", "Failure", "cases"]

_LONGEST_S = PATIENCE_S + 120.0  # until an answer comes; a process that hangs ends itself before
_VICTIM = "nobody may touch this\n"


@dataclass(frozen=True)
class Case:
    """One input: the same seed, kind and number give the same input.

    Attributes:
        seed: of the campaign.
        kind: one of `KINDS`.
        number: counted within the kind.
    """

    seed: int
    kind: str
    number: int

    def __str__(self) -> str:
        return f"{self.seed}:{self.kind}:{self.number}"


@dataclass(frozen=True)
class Failure:
    """An input that did what no input may do."""

    case: Case
    attempt: Attempt
    outcome: Outcome


def cases(seed: int, count: int, kinds: Sequence[str] = tuple(KINDS)) -> list[Case]:
    """So many inputs, shared out among the kinds."""
    whole = sum(KINDS[kind][1] for kind in kinds)
    numbers = {kind: -(-count * KINDS[kind][1] // whole) for kind in kinds}
    return sorted((Case(seed, kind, n) for kind, most in numbers.items() for n in range(most)), key=lambda c: c.number)


class Campaign:
    """Builds the world once, and tries cases in it.

    Args:
        jobs: processes at a time.
        kept: where inputs that fail are kept, each as a folder with the command, its words and what happened.
        tell: called after every case with how many are done, and a failure or None.
    """

    def __init__(self, jobs: int, kept: Path, tell: Callable[[int, Failure | None], None]) -> None:
        self._jobs, self._kept, self._tell = jobs, kept, tell
        self._lock = threading.Lock()
        self.seconds: Counter[str] = Counter()
        self.codes: Counter[int | None] = Counter()

    def run(self, wanted: Sequence[Case]) -> list[Failure]:
        """Try every case, and look at the end whether the surroundings are as they were."""
        failures: list[Failure] = []
        with tempfile.TemporaryDirectory(prefix="assay-fuzz-") as made:
            root = Path(os.path.realpath(made))
            self._build(root)
            code = Snapshot(_REPOSITORY, [_REPOSITORY / name for name in _CHANGING])
            todo = iter(wanted)
            places = [root / f"job{number}" for number in range(self._jobs)]
            threads = [threading.Thread(target=self._work, args=(place, todo, failures)) for place in places]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            if changes := code.differences():
                outcome = Outcome(problems=[f"in the repository, by one of them: {line}" for line in changes])
                failures.append(Failure(Case(wanted[0].seed, "all", len(wanted)), Attempt("", ()), outcome))
                self._tell(len(wanted), failures[-1])
        return failures

    def _build(self, root: Path) -> None:
        (root / "world").mkdir()
        process = _CONTEXT.Process(target=build, args=(root / "world",))
        process.start()
        process.join()
        if process.exitcode:
            raise RuntimeError(f"the world could not be built: exit code {process.exitcode}")

    def _work(self, place: Path, todo: Iterator[Case], failures: list[Failure]) -> None:
        """One process after the other, as they die; cases one after the other."""
        worker = _Worker(place)
        while case := self._next(todo):
            began = time.monotonic()
            attempt, outcome = worker.answer(case)
            failure = Failure(case, attempt, outcome) if outcome.problems else None
            if failure:
                _keep(failure, place / str(case), self._kept)
            worker.clear(case)
            with self._lock:
                self.seconds[case.kind] += time.monotonic() - began  # type: ignore[assignment]
                self.codes[outcome.code] += 1
                failures += [failure] if failure else []
                self._tell(sum(self.codes.values()), failure)
        worker.end()

    def _next(self, todo: Iterator[Case]) -> Case | None:
        with self._lock:
            return next(todo, None)


class _Worker:
    """A process that tries cases, and its successors."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._process: Any = None
        self._pipe: Connection | None = None

    def answer(self, case: Case) -> tuple[Attempt, Outcome]:
        """What came of a case, if need be that the process died of it."""
        if self._process is None:
            self._pipe, theirs = _CONTEXT.Pipe()
            self._process = _CONTEXT.Process(target=_serve, args=(theirs, self._place), daemon=True)
            self._process.start()
            theirs.close()
        assert self._pipe is not None
        try:
            self._pipe.send(case)
            if self._pipe.poll(_LONGEST_S):
                answer: tuple[Attempt, Outcome] = self._pipe.recv()
                return answer
        except (EOFError, OSError):
            pass
        self._process.kill()
        self._process.join()
        code, self._process = self._process.exitcode, None
        died = f"the process died, exit code {code}: a crash, or a hang outside of Python"
        return Attempt("", ()), Outcome(problems=[died])

    def clear(self, case: Case) -> None:
        """Remove what was made for a case."""
        shutil.rmtree(self._place / str(case), ignore_errors=True)

    def end(self) -> None:
        """The last process ends."""
        if self._process is not None:
            self._process.kill()
            self._process.join()


def _serve(pipe: Connection, place: Path) -> None:
    """Try the cases that come through a pipe, in a folder, until it is closed."""
    home, temporary = place / "home", place / "tmp"
    for folder in (home, temporary):
        folder.mkdir(parents=True, exist_ok=True)
    os.environ |= {"HOME": str(home), "TMPDIR": str(temporary), "MPLCONFIGDIR": str(home)}
    tempfile.tempdir = None
    prepare(lambda *_, **__: None)  # nothing is trained: what is not there stays undone
    while True:
        try:
            case = pipe.recv()
        except EOFError:
            return
        pipe.send(_tried(case, place, [home, temporary]))


def _tried(case: Case, place: Path, free: Sequence[Path]) -> tuple[Attempt, Outcome]:
    root = place / str(case)
    folder, around = root / "in" / "here", root / "around"
    folder.mkdir(parents=True)
    around.mkdir()
    (around / "victim").write_text(_VICTIM)
    scene = Scene(place.parent / "world", folder, around, Chance(str(case), str(around)))
    try:
        attempt = KINDS[case.kind][0](scene)
    except Exception:
        return Attempt("", ()), Outcome(problems=[f"the input could not be made\n{traceback.format_exc()}"])
    return attempt, tried(attempt, folder, root, free)


def _keep(failure: Failure, made: Path, kept: Path) -> None:
    """The input as it was left, and what is known of it, in a folder that is named after the case."""
    target = kept / str(failure.case).replace(":", "-")
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    outcome = failure.outcome
    lines = [
        f"again:   python -m tests.fuzz --again {failure.case}",
        f"command: {failure.attempt.command} {' '.join(map(repr, failure.attempt.words))}",
        f"code:    {outcome.code}, after {outcome.seconds:.1f} s",
        *(f"problem: {problem}" for problem in outcome.problems),
        f"\nstdout:\n{outcome.out[-5000:]}\nstderr:\n{outcome.err[-5000:]}",
    ]
    crashes = sorted((made.parent / "tmp").glob("crash-*.txt")) + sorted(made.rglob("crash-*.txt"))
    lines += [path.read_text(encoding="utf-8") for path in crashes]
    for path in crashes:
        path.unlink()
    (target / "what.txt").write_text("\n".join(lines), encoding="utf-8", errors="backslashreplace")
    shutil.copytree(made, target / "input", symlinks=True, ignore=_special)


def _special(folder: str, names: list[str]) -> list[str]:
    """Pipes and devices, which cannot be copied."""
    paths = (Path(folder, name) for name in names)
    return [path.name for path in paths if not (path.is_symlink() or path.is_dir() or path.is_file())]


_CONTEXT = multiprocessing.get_context("spawn")
_REPOSITORY = Path(__file__).resolve().parents[2]
_CHANGING = (".git", ".venv", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", "runs")
