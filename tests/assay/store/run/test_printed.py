"""What is printed while a trial runs is in its file, whoever prints it and however the process ends."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from assay.store.run.printed import KEPT_BYTES, last_words, printed_in, printed_to, tell


def _run(folder: Path, body: str) -> tuple[int, str, str]:
    """Exit code of a process that runs this within `printed_to`, what else it printed, and what the file has."""
    script, log = folder / "my_study.py", folder / "log"
    script.write_text(
        "import ctypes, logging, os, subprocess, sys, warnings\nfrom pathlib import Path\n"
        "from assay.store.run.printed import printed_to, tell\nprint('before')\n"
        f"with printed_to(Path({str(log)!r})):\n    {body}\nprint('after')\n"
    )
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr, printed_in(log)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("print('here')", "here\n"),
        ("warnings.warn('strange')", "UserWarning: strange"),
        ("logging.warning('strange')", "WARNING:root:strange"),
        ("os.write(1, b'raw')", "raw"),
        ("subprocess.run(['echo', 'a child'])", "a child\n"),
        ("tell(b'of a command')", "of a command"),
        ("print('\\ud800')", "\\ud800\n"),
    ],
)
def test_whatever_is_printed_is_in_the_file_and_nowhere_else(tmp_path: Path, body: str, told: str) -> None:
    code, elsewhere, printed = _run(tmp_path, body)
    assert (code, elsewhere) == (0, "before\nafter\n")
    assert told in printed


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("print('here'); os._exit(3)", "os._exit(3) (my_study.py, line 6)"),
        ("print('here'); ctypes.string_at(0)", "Segmentation fault (my_study.py, line 6)"),
        ("print('here'); os.abort()", "Aborted (my_study.py, line 6)"),
        ("print('here'); os.kill(os.getpid(), 9)", ""),
        ("print('here'); sys.exit(3)", ""),
    ],
)
def test_a_process_that_dies_says_how_and_where(tmp_path: Path, body: str, words: str) -> None:
    code, _, printed = _run(tmp_path, body)
    assert code != 0
    assert printed.startswith("here\n")
    assert last_words(printed) == words


def test_a_child_that_ends_by_exit_says_nothing(tmp_path: Path) -> None:
    body = "pid = os.fork()\n    if not pid: os._exit(0)\n    os.waitpid(pid, 0)"
    assert _run(tmp_path, body) == (0, "before\nafter\n", "")


def test_streams_are_put_back_and_a_later_try_adds_to_the_file(tmp_path: Path) -> None:
    before, log = (sys.stdout, sys.stderr, os._exit), tmp_path / "log"
    for text in ("one", "two"):
        with printed_to(log):
            print(text)
    assert (sys.stdout, sys.stderr, os._exit) == before
    assert printed_in(log) == "one\ntwo\n"


def test_only_the_end_of_much_is_read(tmp_path: Path) -> None:
    with printed_to(tmp_path / "log"):
        print("first " + "x" * 2 * KEPT_BYTES + " last")
    printed = printed_in(tmp_path / "log")
    assert printed.startswith("[the ")
    assert printed.endswith("x last\n")
    assert len(printed) < KEPT_BYTES + 100


def test_outside_nothing_is_kept(tmp_path: Path) -> None:
    tell(b"nobody reads this")
    assert printed_in(tmp_path / "log") == ""
