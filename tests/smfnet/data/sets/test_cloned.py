"""A set is cloned whole or not at all, and whatever hinders it is one line."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from assay.config.errors import UserError
from smfnet.data.sets import cloned
from smfnet.data.sets.cloned import clone
from smfnet.data.sets.known import KNOWN

GIT = ("git", "-c", "user.name=x", "-c", "user.email=x@x")


@pytest.fixture
def repository(write_pairs: Callable[..., Path], tmp_path: Path) -> Path:
    """A repository with a small MSRS, and a hook that must not run."""
    write_pairs("origin/train", "abc")
    folder = write_pairs("origin/test", "xy") / "origin"
    for words in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "pairs"]):
        subprocess.run([*GIT, *words], cwd=folder, check=True, env={**os.environ, "GIT_CONFIG_NOSYSTEM": "1"})
    return folder


def test_a_set_comes_from_a_repository(repository: Path, tmp_path: Path) -> None:
    found = clone(KNOWN["msrs"], tmp_path / "data", f"file://{repository}")
    assert found.folder == tmp_path / "data" / "msrs"
    assert [place.part for place, _, _ in found.places] == ["train", "test"]
    assert (found.folder / "train/ir/a.png").read_bytes() == (repository / "train/ir/a.png").read_bytes()
    assert sorted(path.name for path in (tmp_path / "data").iterdir()) == ["msrs"]
    log = subprocess.run([*GIT, "rev-list", "--count", "HEAD"], cwd=found.folder, capture_output=True, check=True)
    assert log.stdout.strip() == b"1"


@pytest.mark.parametrize("there", ["folder", "file", "link"])
def test_what_is_there_stays(repository: Path, tmp_path: Path, there: str) -> None:
    target = tmp_path / "msrs"
    {"folder": target.mkdir, "file": target.touch, "link": lambda: target.symlink_to("nowhere")}[there]()
    with pytest.raises(UserError, match=r"msrs is there already: expected no such folder"):
        clone(KNOWN["msrs"], tmp_path, str(repository))
    assert target.is_symlink() or not any(target.iterdir() if target.is_dir() else ())


@pytest.mark.parametrize(
    "address", ["{}/nowhere", "file://{}/nowhere", "--upload-pack=touch {}/hit", "ext::touch {}/hit"]
)
def test_an_address_without_a_repository_is_one_line_and_leaves_nothing(tmp_path: Path, address: str) -> None:
    with pytest.raises(
        UserError, match=r"git cannot clone .*; by hand: https://github\.com/Linfeng-Tang/MSRS"
    ) as error:
        clone(KNOWN["msrs"], tmp_path / "data", address.format(tmp_path))
    assert "\n" not in str(error.value)
    assert list((tmp_path / "data").iterdir()) == []
    assert not (tmp_path / "hit").exists()


def test_without_a_network_it_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody listens on that port."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with pytest.raises(UserError, match=r"git cannot clone http://127\.0\.0\.1:1/x: .*; by hand"):
        clone(KNOWN["msrs"], tmp_path, "http://127.0.0.1:1/x")


def test_a_repository_of_something_else_is_not_kept(repository: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds nothing that looks like harvard_ct"):
        clone(KNOWN["harvard_ct"], tmp_path / "data", str(repository))
    assert list((tmp_path / "data").iterdir()) == []


def test_without_git_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match="git is not installed: install it, or fetch msrs from https"):
        clone(KNOWN["msrs"], tmp_path / "data")


@pytest.mark.parametrize("name", [name for name, known in KNOWN.items() if known.repository is None])
def test_a_set_of_no_repository_says_where_to_get_it(tmp_path: Path, name: str) -> None:
    with pytest.raises(
        UserError, match=rf"{name} is in no repository: fetch it from https://.* by hand, so that DIR/{name}"
    ):
        clone(KNOWN[name], tmp_path)


def test_a_root_that_cannot_be_made_is_told(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=r"cannot write to .*file"):
        clone(KNOWN["msrs"], tmp_path / "file", str(repository))


def test_a_clone_that_is_stopped_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cloned.subprocess, "run", stopped)
    with pytest.raises(KeyboardInterrupt):
        clone(KNOWN["msrs"], tmp_path, "x")
    assert list(tmp_path.iterdir()) == []
