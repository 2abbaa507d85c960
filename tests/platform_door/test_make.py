"""``make setup``: one installation at a time, nothing done twice, an interrupted one begun anew."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

# Stands for Python: keeps a log of what it was asked to install, and is the real one for everything else.
STAND_IN = f"""#!/bin/sh
case "$*" in
  *"-m venv"*) echo "${{*#-m }}" >> log; mkdir -p .venv/bin; cp "$0" .venv/bin/python ;;
  *"-m pip install --quiet"*"--constraint .venv/.missing --editable .[lab]"*) echo lab >> log
    for name in jupyter jupyter-lab; do printf '#!/bin/sh\necho "jupyter $*" >> log\n' > .venv/bin/$name; done
    chmod +x .venv/bin/jupyter* ;;
  *"-m pip list"*) printf 'pyarrow==25.0.1\\nJupyter_Core==5\\n' ;;
  *"-m pip install"*) echo install >> log; [ ! -e broken ] ;;
  *"-m pip"*) ;;
  *) exec {sys.executable} "$@" ;;
esac
"""
CREATE = "venv --clear --without-pip .venv"


@pytest.fixture
def clone(root: Path, tmp_path: Path) -> Path:
    """A folder with the Makefile and a stand-in for Python."""
    shutil.copy(root / "Makefile", tmp_path)
    for name in ("pyproject.toml", "constraints.txt"):
        (tmp_path / name).touch()
    (tmp_path / "stand-in").write_text(STAND_IN)
    (tmp_path / "stand-in").chmod(0o755)
    return tmp_path


def _start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS", "PYTHON"))}
    return subprocess.Popen(
        ["make", *arguments], cwd=folder, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def _make(folder: Path, *arguments: str) -> tuple[int, str, str]:
    with _start(folder, *arguments) as process:
        out, error = process.communicate()
    return process.returncode, out, error


def _setup(clone: Path) -> list[str]:
    """Run ``make setup``; the log of all that was done since the folder is there."""
    assert _make(clone, "setup", "PYTHON=./stand-in")[0] == 0
    assert (clone / ".venv" / ".installed").exists()
    assert not (clone / ".venv" / ".unfinished").exists()
    return (clone / "log").read_text().splitlines()


def test_help_has_a_line_for_every_target(root: Path) -> None:
    phony = re.findall(r"^\.PHONY: (.*)$", (root / "Makefile").read_text(), re.MULTILINE)
    _, out, _ = _make(root)
    assert [line.split()[1] for line in out.splitlines() if line.startswith("  make ")] == phony[0].split()


def test_a_word_that_make_would_swallow_is_refused(root: Path) -> None:
    code, _, error = _make(root, "ablate", "preset=paper")
    assert code == 2
    assert 'say ARGS="preset=paper"' in error


def test_an_old_python_is_refused_in_one_line(clone: Path) -> None:
    (clone / "stand-in").write_text("#!/bin/sh\nexit 1\n")
    code, _, error = _make(clone, "setup", "PYTHON=./stand-in")
    assert code == 2
    assert error.startswith("error: Python 3.11 or newer is needed (./stand-in is not)")
    assert not (clone / ".venv").exists()


def test_a_second_setup_does_nothing(clone: Path) -> None:
    assert _setup(clone) == [CREATE, "install"]
    assert _setup(clone) == [CREATE, "install"]


def test_a_changed_project_file_installs_into_the_same_environment(clone: Path) -> None:
    _setup(clone)
    installed = (clone / ".venv" / ".installed").stat().st_mtime
    os.utime(clone / "pyproject.toml", (installed + 1, installed + 1))
    assert _setup(clone) == [CREATE, "install", "install"]


def test_jupyter_lab_is_installed_when_it_is_asked_for_and_asks_nobody_for_news(clone: Path) -> None:
    assert _setup(clone) == [CREATE, "install"]
    for _ in range(2):
        assert _make(clone, "lab", "PYTHON=./stand-in", "ARGS=--no-browser")[0] == 0
    _, _, installed, *opened = (clone / "log").read_text().splitlines()
    assert installed == "lab"
    assert len(set(opened)) == 1
    assert len(opened) == 2
    assert opened[0].startswith("jupyter lab --LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate")
    assert opened[0].endswith(" --LabApp.extension_manager=readonly analysis/reports --no-browser")


def test_jupyter_lab_comes_by_the_constraints_of_what_is_not_installed(clone: Path) -> None:
    (clone / "constraints.txt").write_text("# tested\npyarrow==26.0.1\njupyter-core==6\njupyterlab==4\n")
    assert _make(clone, "lab", "PYTHON=./stand-in")[0] == 0
    assert (clone / ".venv" / ".missing").read_text().splitlines() == ["# tested", "jupyterlab==4"]


def test_an_installation_that_broke_off_is_begun_anew(clone: Path) -> None:
    (clone / "broken").touch()
    assert _make(clone, "setup", "PYTHON=./stand-in")[0] == 2
    assert not (clone / ".venv" / ".installed").exists()
    (clone / "broken").unlink()
    assert _setup(clone) == [CREATE, "install", CREATE, "install"]


def test_two_at_the_same_time_install_once(clone: Path) -> None:
    with open(clone / "Makefile", "r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        both = [_start(clone, "setup", "PYTHON=./stand-in") for _ in range(2)]
    for process in both:
        process.communicate()
    assert [process.returncode for process in both] == [0, 0]
    assert _setup(clone) == [CREATE, "install"]
