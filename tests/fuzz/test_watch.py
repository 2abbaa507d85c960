"""The campaign sees what it looks for: planted faults are found, and what is right is let be."""

from __future__ import annotations

import copy
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from tests.fuzz import attempt as attempts
from tests.fuzz.attempt import Attempt, Outcome, tried
from tests.fuzz.campaign import Case, cases
from tests.fuzz.kinds import KINDS
from tests.fuzz.mutation import Chance, changed, damaged
from tests.fuzz.scene import Scene
from tests.fuzz.watch import Snapshot, guarded
from tests.fuzz.world import write_pairs

Main = Callable[[list[str]], int]


@pytest.fixture
def given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Main], Outcome]:
    """`given(main)`: what is found of a command, which is given in a folder and may write to `out` in it."""
    folder = tmp_path / "in" / "here"
    folder.mkdir(parents=True)
    (tmp_path / "victim").write_text("whole")
    monkeypatch.chdir(folder)
    monkeypatch.setitem(attempts.MODULES, "planted", "planted")

    def run(main: Main) -> Outcome:
        module = ModuleType("planted")
        module.main = main  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "planted", module)
        return tried(Attempt("planted", ["word"], ("out",)), folder, tmp_path, [])

    return run


def _fails() -> int:
    print("error: expected another word", file=sys.stderr)
    return 2


def _writes(words: list[str]) -> int:
    Path("out").mkdir()
    Path("out/file").write_text(words[0])
    shutil.rmtree("out")
    return 0


@pytest.mark.parametrize("main", [lambda words: 0, lambda words: _fails(), _writes, lambda words: sys.exit(0)])
def test_what_is_right_is_let_be(given: Callable[[Main], Outcome], main: Main) -> None:
    assert given(main).problems == []


def _prints(text: str, code: int = 0) -> Main:
    return lambda words: print(text, file=sys.stderr) or code


@pytest.mark.parametrize(
    ("main", "problem"),
    [
        (lambda words: 1 // 0, "an escaped exception"),
        (_prints("Traceback (most recent call last):"), "a traceback"),
        (_prints("error: this is a bug, KeyError", 1), "a bug"),
        (_prints("a \x1b[2J screen"), r"the character '\x1b' as it is"),
        (_prints("error: one\nanother", 2), "not one line of error"),
        (_prints("", 2), "not one line of error"),
        (lambda words: 139, "exit code 139"),
        (lambda words: Path("../../victim").write_text("") or 0, "elsewhere: open"),
        (lambda words: Path("made").mkdir() or 0, "elsewhere: os.mkdir"),
        (lambda words: os.replace("../../victim", "out") or 0, "elsewhere: os.rename"),
        (lambda words: subprocess.call(["true"]), "elsewhere: started true"),
    ],
)
def test_what_must_not_be_is_seen(given: Callable[[Main], Outcome], main: Main, problem: str) -> None:
    assert any(each.startswith(problem) for each in given(main).problems)


@pytest.mark.parametrize("limit", ["LIMIT_S", "PATIENCE_S"])
def test_a_hang_is_ended(given: Callable[[Main], Outcome], monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    monkeypatch.setattr(attempts, limit, 0.1)

    def hang(words: list[str]) -> int:
        while True:
            try:
                next(iter(int, 1))
            except Exception:  # as code that swallows whatever comes
                continue

    (problem,) = given(hang).problems
    assert problem.startswith("a hang: ")
    assert "in hang" in problem


def test_a_snapshot_tells_what_was_made_changed_and_removed(tmp_path: Path) -> None:
    for name in ("a", "b", "free/c"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    before = Snapshot(tmp_path, [tmp_path / "free"])
    assert before.differences() == []
    (tmp_path / "a").write_text("other")
    (tmp_path / "b").unlink()
    (tmp_path / "d").symlink_to("a")
    (tmp_path / "free" / "c").unlink()
    assert before.differences() == [f"changed {tmp_path / 'a'}", f"removed {tmp_path / 'b'}", f"made {tmp_path / 'd'}"]


def test_a_link_out_of_a_folder_does_not_hide_what_is_written_through_it(tmp_path: Path) -> None:
    (tmp_path / "free").mkdir()
    (tmp_path / "free" / "out").symlink_to(tmp_path)
    with guarded([tmp_path / "free"]) as seen:
        (tmp_path / "free" / "out" / "file").write_text("")
        (tmp_path / "free" / "file").write_text("")
    assert seen == [f"open {tmp_path / 'file'}"]


def test_cases_are_shared_out_among_the_kinds() -> None:
    wanted = cases(7, 1000)
    assert len(set(wanted)) == len(wanted) >= 1000
    assert {case.kind for case in wanted} == KINDS.keys()
    assert {case.kind for case in cases(7, 10, ["lists"])} == {"lists"}


@pytest.mark.parametrize("kind", ["images", "lists", "yamls", "settings"])
def test_a_case_is_the_same_again(tmp_path: Path, kind: str) -> None:
    (tmp_path / "world" / "run").mkdir(parents=True)
    write_pairs(tmp_path / "world" / "pairs")

    def made(number: int) -> tuple[Attempt, dict[str, bytes]]:
        folder = tmp_path / "scene"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        around = tmp_path / "around"
        scene = Scene(tmp_path / "world", folder, around, Chance(str(Case(7, kind, number)), str(around)))
        attempt = KINDS[kind][0](scene)
        files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
        return attempt, {str(path.relative_to(folder)): path.read_bytes() for path in files}

    first = [made(number) for number in range(20)]
    assert [made(number) for number in range(20)] == first
    assert len({repr(each) for each in first}) > 10


def test_what_is_changed_is_another_thing(tmp_path: Path) -> None:
    value = {"a": [1, 2.5, "x"], "b": {"c": None, "d": True}}
    kept, chance = copy.deepcopy(value), Chance("seed")
    others = [changed(value, chance) for _ in range(200)]
    assert value == kept
    assert sum(repr(other) != repr(value) for other in others) > 190
    data = json.dumps(value).encode()
    assert sum(damaged(data, chance) != data for _ in range(200)) > 180
    assert damaged(b"", chance) is not None
