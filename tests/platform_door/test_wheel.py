"""The wheel: what a user without the repository gets."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

import smfnet

Run = Callable[..., CompletedProcess[str]]


@pytest.fixture(scope="module")
def unpacked(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder into which the wheel was unpacked."""
    folder = tmp_path_factory.mktemp("wheel")
    build = "-m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir"
    done = subprocess.run([sys.executable, *build.split(), folder, root], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (wheel,) = folder.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(folder / "site-packages")
    return folder / "site-packages"


def _files(folder: Path) -> set[str]:
    return {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file() and file.suffix != ".pyc"}


def test_it_holds_the_library_and_the_analysis_and_neither_the_folder_platform_nor_tests(unpacked: Path) -> None:
    assert {entry.name for entry in unpacked.iterdir()} == {
        "smfnet",
        "analysis",
        f"smfnet-{smfnet.__version__}.dist-info",
    }


@pytest.mark.parametrize(
    ("ours", "packed"),
    [
        ("analysis", "analysis"),
        ("smfnet/config/presets", "smfnet/config/presets"),
        ("ablations", "smfnet/shipped/ablations"),
        ("search_spaces", "smfnet/shipped/search_spaces"),
    ],
)
def test_a_folder_is_packed_whole(root: Path, unpacked: Path, ours: str, packed: str) -> None:
    assert _files(unpacked / packed) == _files(root / ours)
    assert _files(unpacked / packed)


def test_every_module_of_the_library_is_packed(root: Path, unpacked: Path) -> None:
    packed = {name for name in _files(unpacked / "smfnet") if not name.startswith("shipped")}
    assert packed == _files(root / "smfnet")


def test_its_license_and_its_command_are_declared(unpacked: Path) -> None:
    (about,) = unpacked.glob("*.dist-info")
    assert (about / "licenses" / "LICENSE").is_file()
    assert "smfnet = smfnet.cli.main:main" in (about / "entry_points.txt").read_text()


def test_it_finds_its_own_suites_and_spaces_and_the_standard_module(
    python: Run, unpacked: Path, tmp_path: Path
) -> None:
    script = (
        "import platform; from smfnet.config import folders; assert not hasattr(platform, '__path__'); "
        "print(folders.ablations_folder(), folders.search_spaces_folder())"
    )
    done = python(tmp_path, "-c", script, path=(unpacked,))
    shipped = unpacked / "smfnet" / "shipped"
    assert done.stdout.split() == [str(shipped / "ablations"), str(shipped / "search_spaces")], done.stderr


def test_its_command_runs(python: Run, unpacked: Path, tmp_path: Path) -> None:
    done = python(tmp_path, "-m", "smfnet.cli.main", "--help", path=(unpacked,))
    assert done.returncode == 0
    assert "ablate" in done.stdout
