"""The wheel: what a user without the repository gets."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

import assay

RunFolder = Callable[..., CompletedProcess[str]]


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


def test_it_holds_engine_and_study_and_neither_analysis_nor_platform_nor_tests(unpacked: Path) -> None:
    about = f"assay-{assay.__version__}.dist-info"
    assert {entry.name for entry in unpacked.iterdir()} == {"assay", "smfnet", about}


@pytest.mark.parametrize(
    ("ours", "packed"),
    [
        ("analysis/reports", "assay/shipped/reports"),
        ("analysis/published", "smfnet/shipped/published"),
        ("analysis/pilots", "smfnet/shipped/pilots"),
        ("smfnet/config/presets", "smfnet/config/presets"),
        ("ablations", "smfnet/shipped/ablations"),
        ("search_spaces", "smfnet/shipped/search_spaces"),
    ],
)
def test_a_folder_is_packed_whole(root: Path, unpacked: Path, ours: str, packed: str) -> None:
    assert _files(unpacked / packed) == _files(root / ours)
    assert _files(unpacked / packed)


@pytest.mark.parametrize("package", ["assay", "smfnet"])
def test_every_module_of_a_package_is_packed_and_its_types_are_declared(
    root: Path, unpacked: Path, package: str
) -> None:
    packed = {name for name in _files(unpacked / package) if not name.startswith("shipped")}
    assert packed == _files(root / package)
    assert "py.typed" in packed


def test_its_license_and_its_commands_are_declared(unpacked: Path) -> None:
    (about,) = unpacked.glob("*.dist-info")
    assert (about / "licenses" / "LICENSE").is_file()
    commands = (about / "entry_points.txt").read_text().split("\n")
    assert {"assay = assay.cli.main:main", "smfnet = smfnet.cli.main:main"} <= set(commands)


def test_it_finds_what_ships_with_it_and_the_standard_module(python: RunFolder, unpacked: Path, tmp_path: Path) -> None:
    script = (
        "import platform; from smfnet import folders; assert not hasattr(platform, '__path__'); "
        "from assay.evidence.report.notebook import notebooks_folder; "
        "from assay.evidence.published import published_table; "
        "assert len(published_table('table5', folders.published_folder()).rows) == 8; "
        "print(folders.ablations_folder(), folders.search_spaces_folder(), notebooks_folder())"
    )
    done = python(tmp_path, "-c", script, path=(unpacked,))
    shipped = unpacked / "smfnet" / "shipped"
    notebooks = unpacked / "assay" / "shipped" / "reports"
    assert done.stdout.split() == [*map(str, (shipped / "ablations", shipped / "search_spaces", notebooks))], (
        done.stderr
    )


def test_its_command_runs(python: RunFolder, unpacked: Path, tmp_path: Path) -> None:
    done = python(tmp_path, "-m", "assay.cli.main", "--help", path=(unpacked,))
    assert done.returncode == 0
    assert "ablate" in done.stdout
