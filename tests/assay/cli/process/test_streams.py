"""A command ends in its own way whatever stdout is: 8-bit, full, closed, or absent."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

_PROGRAM = """\
import os, sys
from assay.cli.exit import exit_code
def main(argv=None):
    BODY
    return 0
raise SystemExit(exit_code(main)())
"""


def _run(root: Path, body: str, redirect: str = "", **environment: str) -> subprocess.CompletedProcess[bytes]:
    """A command that does one thing."""
    return subprocess.run(
        ["sh", "-c", f'exec "$0" -c "$1" {redirect}', sys.executable, _PROGRAM.replace("BODY", body)],
        env={"PYTHONPATH": str(root), "PATH": os.environ["PATH"], "PYTHONUTF8": "0"} | environment,
        capture_output=True,
    )


@pytest.mark.parametrize(
    ("encoding", "printed"),
    [
        ("utf-8", "▲ ▼ ○ ± é 白 \udce9".encode(errors="surrogateescape")),
        ("cp1252", b"+ - o \xb1 \xe9 ? \xe9"),
        ("ascii", b"+ - o +- e ? \xe9"),
    ],
)
def test_what_the_encoding_lacks_is_replaced_by_what_comes_nearest(root: Path, encoding: str, printed: bytes) -> None:
    done = _run(root, r"print('▲ ▼ ○ ± é 白 \udce9')", PYTHONIOENCODING=encoding)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.rstrip(b"\r\n") == printed


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize(
    "said",
    [
        "print('x' * 100)",
        "print('x' * 100_000)",
        "Console().print('x' * 100)",
        "ArgumentParser(usage='x' * 100_000).parse_args(['--help'])",  # hides that it cannot print
    ],
)
def test_a_full_device_is_one_line_and_no_success(root: Path, said: str, unbuffered: str) -> None:
    imports = "from argparse import ArgumentParser; from rich.console import Console; "
    done = _run(root, imports + said, ">/dev/full", PYTHONUNBUFFERED=unbuffered)
    assert (done.returncode, done.stderr) == (1, b"error: what was printed is lost: No space left on device\n")


def test_without_stdout_the_command_does_its_work_and_no_file_takes_its_place(root: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    done = _run(root, f"file = open({str(mine)!r}, 'w'); print('x'); os.write(1, b'x')", ">&-")
    assert (done.returncode, done.stderr) == (0, b"")
    assert mine.read_bytes() == b""


def test_without_stderr_the_code_says_it(root: Path) -> None:
    assert _run(root, "1 / 0", "2>&-").returncode == 1
    assert _run(root, "1 / 0", "2>/dev/full").returncode == 1
