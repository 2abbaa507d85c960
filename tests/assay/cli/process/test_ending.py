"""The end of a command that works on a run: its last line, the log, and what `--notify` runs."""

from __future__ import annotations

import argparse
import errno
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from assay.cli.exit import exit_code
from assay.cli.process import ending
from assay.cli.process.ending import ENDING, add_notify
from assay.config.errors import UserError
from assay.store.run.log import RunLog

Work = Callable[[], int]


def _command(folder: Path, work: Work, notify: str | None = None) -> int:
    """What a command does: begins, works in the run's folder, prints, and returns or raises."""

    @exit_code
    def main(argv: list[str] | None = None) -> int:
        ENDING.begun("ablate", folder, time.monotonic(), notify)
        with RunLog(folder).command(["assay", "ablate"]):
            code = work()
        print("\x1b[1mthe table\x1b[0m")
        return code

    return main([])


def _raising(error: BaseException) -> Work:
    def work() -> int:
        raise error

    return work


@pytest.mark.parametrize(
    ("work", "code", "outcome"),
    [
        (lambda: 0, 0, "finished"),
        (lambda: 1, 1, "failed"),
        (_raising(KeyboardInterrupt()), 130, "stopped"),
        (_raising(UserError("no room")), 2, "failed"),
    ],
)
def test_the_end_is_told_kept_and_passed_on(
    work: Work, code: int, outcome: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder, stdout = tmp_path / "my run", sys.stdout
    folder.mkdir()
    told = tmp_path / "told"
    notify = f'echo "$ASSAY_COMMAND|$ASSAY_RUN|$ASSAY_CODE|$ASSAY_OUTCOME|$ASSAY_SECONDS|$ASSAY_LINE" > {told}; echo hi'
    assert _command(folder, work, notify) == code
    line = f"assay: done ablate '{folder}' code {code} in 0 s"
    printed = capfd.readouterr()
    assert printed.err.splitlines()[-2:] == ["hi", line]
    assert "hi" not in printed.out
    assert told.read_text() == f"ablate|{folder}|{code}|{outcome}|0|{line}\n"
    log = (folder / "log.txt").read_text().splitlines()
    assert log[-1][20:] == line
    assert ("    the table" in log) == (code < 2)
    assert sys.stdout is stdout


def test_a_disk_that_fills_up_while_a_command_works_is_a_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    full = OSError(errno.ENOSPC, "No space left on device", "run.json")
    assert _command(tmp_path, _raising(full)) == 1
    line = "error: No space left on device: run.json; what was done before is kept"
    assert capsys.readouterr().err.splitlines() == [line, f"assay: done ablate {tmp_path} code 1 in 0 s"]


def test_a_command_that_was_refused_says_why_and_no_more(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    @exit_code
    def main(argv: list[str] | None = None) -> int:
        ENDING.begun("ablate", tmp_path, time.monotonic(), f"touch {tmp_path}/told")
        raise UserError("another run is there")

    assert main([]) == 2
    assert capsys.readouterr().err == "error: another run is there\n"
    assert not [*tmp_path.iterdir()]


def test_what_goes_wrong_with_notify_is_a_line_and_no_code(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHELL", "/bin/sh")
    assert _command(tmp_path, lambda: 0, "exit 3") == 0
    done = f"assay: done ablate {tmp_path} code 0 in 0 s"
    assert capfd.readouterr().err.splitlines()[-2:] == ["warning: --notify: code 3 of exit 3", done]
    kept = [line[20:] for line in (tmp_path / "log.txt").read_text().splitlines()]
    assert kept[-2:] == ["warning: --notify: code 3 of exit 3", done]
    monkeypatch.setattr(ending, "_PATIENCE_S", 0.05)
    assert _command(tmp_path, lambda: 0, "sleep 60 & sleep 60") == 0
    assert "it took longer than" in capfd.readouterr().err.splitlines()[-2]
    monkeypatch.setenv("SHELL", str(tmp_path / "no-shell"))
    assert _command(tmp_path, lambda: 1, "true") == 1
    assert capfd.readouterr().err.splitlines()[-2].endswith("no-shell cannot be run: No such file or directory")


def test_an_empty_command_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    add_notify(parser)
    assert parser.parse_args(["--notify", "true"]).notify == "true"
    with pytest.raises(SystemExit):
        parser.parse_args(["--notify", " "])
    assert "expected a command of your shell" in capsys.readouterr().err
