"""Every way in which a command can end has its exit code and at most one line."""

from __future__ import annotations

import argparse
import errno
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from assay.cli import exit as ending
from assay.config.errors import UserError, WorkLost
from assay.files import wrote


def _end_with(error: BaseException) -> int:
    @ending.exit_code
    def main(argv: list[str] | None = None) -> int:
        raise error

    return main([])


def test_the_commands_own_code_and_arguments_pass_through() -> None:
    @ending.exit_code
    def main(argv: list[str] | None = None) -> int:
        return len(argv or [])

    assert main(["a", "b", "c"]) == 3


def test_the_exit_of_a_parser_passes_through() -> None:
    @ending.exit_code
    def main(argv: list[str] | None = None) -> int:
        argparse.ArgumentParser().parse_args(["--help"])
        return 1

    with pytest.raises(SystemExit) as raised:
        main([])
    assert raised.value.code == 0


def test_an_exit_in_a_users_code_is_an_error_with_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    line = _end_with.__code__.co_firstlineno + 3
    assert _end_with(SystemExit(0)) == 2
    assert capsys.readouterr().err == f"error: the study's code ended the program with 0 (test_exit.py, line {line})\n"


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (UserError("two images, got one"), 2, "error: two images, got one"),
        (
            WorkLost("Ray's raylet has died"),
            1,
            "error: Ray's raylet has died: give the same command again, it goes on from the last checkpoints",
        ),
        (KeyboardInterrupt(), 130, "stopped"),
        (OSError(errno.ENOSPC, "No space left on device", "runs/x"), 2, "error: No space left on device: runs/x"),
        (OSError(errno.ENOSPC, "No space left on device"), 2, "error: No space left on device"),
        (PermissionError(errno.EACCES, "Permission denied", "/data"), 2, "error: Permission denied: /data"),
        (OSError(errno.ENAMETOOLONG, "File name too long", "x" * 3), 2, "error: File name too long: xxx"),
        (NotADirectoryError(errno.ENOTDIR, "Not a directory", "a/b"), 2, "error: Not a directory: a/b"),
        (
            FileNotFoundError(errno.ENOENT, "No usable temporary directory found in ['/tmp', '/']"),
            2,
            "error: No usable temporary directory found in ['/tmp', '/']",
        ),
        (MemoryError(), 2, "error: there is not enough memory: expected smaller inputs, or more memory"),
        (UserError("a\nb \x1b[31mred\u202e"), 2, r"error: a b \x1b[31mred\u202e"),
        (
            ModuleNotFoundError("No module named 'torhc.nn'", name="torhc.nn"),
            2,
            "error: the package 'torhc' is not installed: run `make setup`",
        ),
    ],
)
def test_what_the_user_can_mend_is_one_line(
    capsys: pytest.CaptureFixture[str], error: BaseException, code: int, line: str
) -> None:
    assert _end_with(error) == code
    assert capsys.readouterr() == ("", line + "\n")


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "b.png"), 1, "No space left on device: b.png"),
        (MemoryError(), 1, "there is not enough memory: expected smaller inputs, or more memory"),
        (UserError("b.png: no image"), 2, "b.png: no image"),
    ],
)
def test_what_goes_wrong_after_something_was_written_says_so_and_is_a_failure_of_the_machine(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], error: Exception, code: int, line: str
) -> None:
    @ending.exit_code
    def main(argv: list[str] | None = None) -> int:
        for name in argv or ():
            (tmp_path / name).touch()
            wrote(tmp_path / name)
        raise error

    assert main(["a.png"]) == code
    assert capsys.readouterr().err == f"error: {line}; the file that was written before is kept\n"
    assert main(["a.png", "c.png"]) == code
    assert capsys.readouterr().err == f"error: {line}; the 2 files that were written before are kept\n"


@pytest.mark.parametrize(("code", "told"), [(0, 1), (ending.NOT_MET, 1), (2, 2)])
def test_what_was_printed_and_is_lost_outweighs_success_and_gates(
    code: int, told: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Full(io.StringIO):
        def flush(self) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(sys, "stdout", Full())
    assert ending.exit_code(lambda argv=None: code)([]) == told
    assert capsys.readouterr().err == "error: what was printed is lost: No space left on device\n"


def test_an_argument_that_is_no_utf_8_is_refused_before_anything_starts(capsys: pytest.CaptureFixture[str]) -> None:
    @ending.exit_code
    def main(argv: list[str] | None = None) -> int:
        raise AssertionError("it began")

    assert main(["--output", "caf\udce9"]) == 2
    assert capsys.readouterr() == ("", "error: expected an argument in UTF-8; got caf\\udce9: rename it\n")


def test_an_installed_wheel_says_pip(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(ending, "__file__", "/site-packages/assay/cli/exit.py")
    monkeypatch.setattr(ending, "find_spec", lambda package: None)
    _end_with(ModuleNotFoundError(name="torch"))
    _end_with(ModuleNotFoundError(name="nbclient"))
    first, second = capsys.readouterr().err.splitlines()
    assert first.endswith("run `pip install '/PATH/TO/assay-VERSION.whl'`")
    assert second.endswith("run `pip install '/PATH/TO/assay-VERSION.whl[notebook]'`")


@pytest.mark.parametrize(
    "error",
    [
        ZeroDivisionError("division by zero"),
        ValueError("not meant for the user"),
        ModuleNotFoundError("No module named 'smfnet.mistyped'", name="smfnet.mistyped"),
        FileNotFoundError(errno.ENOENT, "No such file", "x"),
    ],
)
def test_a_bug_leaves_its_traceback_in_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs").mkdir()
    assert _end_with(error) == 1
    (kept,) = (tmp_path / "runs").glob("crash-*.txt")
    assert f"{type(error).__name__}: {error}" in kept.read_text()
    assert "test_exit.py" in kept.read_text()
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: this is a bug")
    assert line.endswith(str(Path("runs", kept.name)))


def test_where_there_is_no_folder_runs_the_traceback_goes_to_the_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(ending.tempfile, "gettempdir", lambda: str(tmp_path))
    assert _end_with(RuntimeError("boom")) == 1
    (kept,) = tmp_path.iterdir()
    assert str(kept) in capsys.readouterr().err


def test_a_traceback_is_written_through_nobodys_link(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The temporary folder is everybody's, and the name can be guessed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(ending.time, "strftime", lambda _: "crash")
    (tmp_path / "precious").write_text("mine")
    (tmp_path / f"crash-{os.getpid()}.txt").symlink_to("precious")
    monkeypatch.setattr(ending.tempfile, "gettempdir", lambda: str(tmp_path))
    assert _end_with(RuntimeError("boom")) == 1
    assert (tmp_path / "precious").read_text() == "mine"
    assert "RuntimeError: boom" in capsys.readouterr().err


def test_a_traceback_that_no_disk_takes_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(ending.tempfile, "gettempdir", _no_folder)
    assert _end_with(RuntimeError("boom")) == 1
    assert "RuntimeError: boom" in capsys.readouterr().err


def _no_folder() -> str:
    raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found in ['/tmp']")


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_goes_away_is_no_error_message(root: Path, unbuffered: str) -> None:
    program = (
        "from assay.cli.exit import exit_code\n"
        "main = exit_code(lambda argv=None: [print('x' * 1000) for _ in range(1000)] and 0)\n"
        "raise SystemExit(main())"
    )
    environment = {"PYTHONPATH": str(root), "PYTHONUNBUFFERED": unbuffered}
    with subprocess.Popen(
        [sys.executable, "-c", program], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == ending.OUTPUT_CLOSED
