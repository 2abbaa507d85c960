"""Scripts that go wrong: each is one line that says what to mend, and nothing of theirs is left."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from assay.command import process
from assay.command.process import run_command
from assay.command.study import CommandStudy
from assay.experiment.execution import TrialFailed, execute_trial
from assay.store.run.printed import printed_in, printed_to
from assay.store.store import STAGES, Store
from tests.assay.command.conftest import GOOD, HEAD, trial_of

MakeStudy = Callable[..., CommandStudy]
WRITE = 'open(f"{options.out}/m.json", "w").write'


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("raise ValueError('no such width')", "exit code 1: ValueError: no such width"),
        ("print('x'); sys.exit(7)", "exit code 7: x"),
        ("sys.exit(2)", "exit code 2: it printed nothing"),
        ("import signal; os.kill(os.getpid(), signal.SIGKILL)", "killed by signal 9"),
        ("pass", "wrote no m.json into {output}; it is empty"),
        ('open(f"{options.out}/n.json", "w")', "wrote no m.json into {output}; there is n.json"),
        ("os.mkdir(f'{options.out}/m.json')", "m.json cannot be read: expected a file; this is a folder"),
        ("os.symlink('/etc/passwd', f'{options.out}/m.json')", "leads out"),
        ("os.mkfifo(f'{options.out}/m.json')", "this is a pipe"),
        (f"{WRITE}('')", "m.json cannot be read"),
        (f"{WRITE}('[]')", "m.json is empty"),
        (f"{WRITE}('3')", "expected a mapping"),
        (f"{WRITE}('[' * 100000)", "m.json cannot be read"),
        (f"""{WRITE}('{{"loss": NaN}}')""", "loss is nan"),
        (f"""{WRITE}('{{"loss": 1e999}}')""", "loss is inf"),
        (f"""{WRITE}('{{"loss": "low"}}')""", "expected a number; got 'low'"),
        (f"""{WRITE}('{{"loss": [1]}}')""", "expected a number"),
        (f"""{WRITE}('{{"lost": 1}}')""", "has no loss in row 1: expected loss; it has lost"),
        (f"""{WRITE}('[{{"loss": 1}}, {{"loss": 2}}]')""", "has 2 rows: expected one"),
        ("print('a\\x1b[2Jb'); sys.exit(1)", "exit code 1: a\\x1b[2Jb"),
    ],
)
def test_a_script_that_goes_wrong_is_one_line(make_study: MakeStudy, store: Store, script: str, told: str) -> None:
    study = make_study(f"{HEAD}{script}\n")
    trial = trial_of(study)
    with pytest.raises(TrialFailed) as error:
        execute_trial(study, trial, store)
    assert told in str(error.value)
    assert "\n" not in str(error.value)
    assert store.find(STAGES, trial.stages[0].fingerprint) is None


@pytest.mark.parametrize("code", [0, 1])
def test_what_it_prints_is_in_the_log_of_the_trial(
    make_study: MakeStudy, store: Store, tmp_path: Path, code: int
) -> None:
    study = make_study(f"{HEAD}print('one'); print('two')\n{GOOD if code == 0 else 'sys.exit(1)'}")
    with printed_to(tmp_path / "log"), contextlib.suppress(TrialFailed):
        execute_trial(study, trial_of(study), store)
    assert printed_in(tmp_path / "log") == "one\ntwo\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name,loss\na,1\na,2\n", "name is there twice"),
        ("name,loss\n,1\n", "has no name in row 1"),
        ("loss\n1\n", "has no name in row 1: expected name, loss; it has loss"),
        ("name,loss\na,1\nb,\n", "has no loss in row 2"),
        ("name,loss\na,1\nb,nan\n", "loss of b is nan"),
        ("name,loss\n", "is empty"),
        ("", "is empty"),
    ],
)
def test_wrong_rows_of_samples_are_one_line(make_study: MakeStudy, store: Store, text: str, told: str) -> None:
    study = make_study(f'{HEAD}open(f"{{options.out}}/m.csv", "w").write({text!r})', results="m.csv", sample="name")
    with pytest.raises(TrialFailed) as error:
        execute_trial(study, trial_of(study), store)
    assert told in str(error.value)


def test_100_mb_of_output_are_cut_to_their_beginning_and_end(make_study: MakeStudy, store: Store) -> None:
    lines = "for _ in range(100): print('x' * 999_999)"
    study = make_study(f'{HEAD}print("first")\n{lines}\n{WRITE}(\'{{"loss": 1}}\'); print("last")')
    execute_trial(study, trial_of(study), store)
    entry = store.find(STAGES, trial_of(study).stages[0].fingerprint)
    assert entry
    assert len(store.read(entry, study.state_file) or b"") < 2**21


def _left_of(mark: str) -> list[psutil.Process]:
    return [each for each in psutil.process_iter(["cmdline"]) if mark in (each.info["cmdline"] or ())]


@pytest.mark.parametrize("end", ["0", "1"])
def test_a_grandchild_ends_with_the_command(tmp_path: object, end: str) -> None:
    mark = f"assay-grandchild-{end}"
    code = (
        "import subprocess, sys\n"
        "for apart in (False, True):\n"
        "    sleep = 'import time; time.sleep(600)'\n"
        f"    subprocess.Popen([sys.executable, '-c', sleep, '{mark}'], start_new_session=apart)\n"
        f"sys.exit({end})"
    )
    ended = run_command([sys.executable, "-c", code], process.Path("/"), {}, grace_s=1)
    assert ended.problem == ("" if end == "0" else "the command ended with exit code 1: it printed nothing")
    assert sys.platform != "linux" or not _left_of(mark)


def test_a_command_that_heeds_no_sigterm_is_killed_when_its_trial_stops() -> None:
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); time.sleep(600)"

    class Stopped(Exception):
        """As Tune stops a trial."""

    def look() -> None:
        if _left_of("assay-stubborn"):
            raise Stopped

    with pytest.raises(Stopped):
        run_command([sys.executable, "-c", code, "assay-stubborn"], process.Path("/"), {}, look, grace_s=0.5)
    assert not _left_of("assay-stubborn")


def test_a_command_ends_when_its_worker_is_killed() -> None:
    inner = [sys.executable, "-c", "import time; time.sleep(600)", "assay-orphan"]
    code = f"from assay.command.process import run_command, Path; run_command({inner!r}, Path('/'), {{}}, grace_s=0.5)"
    worker = psutil.Popen([sys.executable, "-c", code])
    while not (found := _left_of("assay-orphan")):
        assert worker.poll() is None
    commands = [each for each in found if "time.sleep(600)" in " ".join(each.cmdline()[2:3])]
    worker.kill()
    worker.wait()
    gone, alive = psutil.wait_procs([*commands, *found], timeout=60)
    assert gone
    assert not alive
