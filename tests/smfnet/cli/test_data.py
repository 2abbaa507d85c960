"""`python -m platform.data`, as a user types it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from smfnet.cli.data import main
from smfnet.data.sets.known import KNOWN


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """21 pairs that look like VIFB, in a folder of that name."""
    rng = np.random.default_rng(0)
    for number in range(21):
        for kind in ("IR", "VI"):
            path = tmp_path / "VIFB" / "input" / kind / f"{number:02}.jpg"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(rng.integers(0, 256, (24, 32), dtype=np.uint8)).save(path)
    return tmp_path


Said = Callable[..., tuple[int, str, str]]


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Said:
    """`said(*words)`: exit code, stdout, stderr."""

    def run(*words: str) -> tuple[int, str, str]:
        code = main(list(words))
        out, err = capsys.readouterr()
        return code, out, err

    return run


def test_list_names_every_set(said: Said, copy: Path) -> None:
    code, out, _ = said("list")
    assert code == 0
    assert all(name in out for name in KNOWN)
    code, out, _ = said("list", "--root", str(copy))
    there = [line for line in out.splitlines() if line.rstrip().endswith(" -")]
    assert (code, len(there)) == (0, len(KNOWN) - 1)
    assert not any(line.startswith("vifb") for line in there)


@pytest.mark.parametrize("name", KNOWN)
def test_layout_tells_folders_split_terms_and_citation(said: Said, name: str) -> None:
    code, out, _ = said("layout", name)
    assert code == 0
    for layout in KNOWN[name].layouts:
        assert all(f"{place.ir} + {place.vi}" in out for place in layout.places)
    for words in ("expected (this platform)", "split: ", "terms: ", "cite: ", "home: https://"):
        assert words in out


def test_check_is_0_where_all_is_well(said: Said, copy: Path) -> None:
    code, out, err = said("check", "vifb", "--root", str(copy))
    assert (code, err) == (0, "")
    assert "test   21 of 21 pairs, input/IR + input/VI" in out
    assert "nothing is missing or broken" in out


def test_check_is_1_where_something_is_missing_or_broken(said: Said, copy: Path) -> None:
    (copy / "VIFB/input/VI/03.jpg").unlink()
    (copy / "VIFB/input/IR/05.jpg").write_bytes(b"x")
    code, out, err = said("check", "vifb", "--root", str(copy), "--quick")
    assert (code, err) == (1, "")
    assert "\n  input/VI/03.*, the partner of input/IR/03.jpg\n" in out
    assert "\n  input/IR/05.jpg is damaged or not an image" in out
    assert "something is missing or broken; registration was not looked at" in out


def test_a_long_list_is_cut_and_all_asks_for_the_rest(said: Said, copy: Path) -> None:
    for path in (copy / "VIFB/input/VI").iterdir():
        path.unlink()
    _, out, _ = said("check", "vifb", "--root", str(copy))
    assert "missing: 22" in out
    assert "  and 2 more (--all)" in out
    assert "more (--all)" not in said("check", "vifb", "--root", str(copy), "--all")[1]


def test_names_of_files_do_not_reach_the_terminal_as_they_are(said: Said, copy: Path) -> None:
    (copy / "VIFB/input/VI/03.jpg").rename(copy / "VIFB/input/VI/\x1b[31m\n.jpg")
    _, out, _ = said("check", "vifb", "--root", str(copy))
    assert "\x1b" not in out
    assert "\\x1b[31m" in out


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("check", "check: expected the name of a data set"),
        ("check vifb", "check: expected --root DIR, the folder of vifb"),
        ("check vifb --root nowhere", "expected a folder at nowhere; there is none"),
        ("check vifb --root .", "nothing in . looks like vifb"),
        ("check vfib --root .", "unknown data set 'vfib'. Did you mean vifb?"),
        ("check harvard --root .", "harvard is three data sets"),
        ("list --root nowhere", "--root nowhere: expected a folder; there is none"),
        ("list vifb", "list takes no name"),
        ("get tno --root .", "tno is in no repository: fetch it from https://figshare.com"),
        ("get msrs", "get: expected --root DIR"),
        ("check vifb --root COPY --part train", "has no part 'train': expected test"),
        ("check vifb --root COPY --offset 0", "--offset: expected pixels, above 0"),
        ("check vifb --root COPY --offset nan", "--offset: expected pixels, above 0"),
        ("check vifb --root COPY --offset -3", "--offset: expected pixels, above 0"),
    ],
)
def test_what_is_wrong_is_one_line(
    said: Said, copy: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: str, line: str
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    monkeypatch.chdir(empty)
    code, out, err = said(*words.replace("COPY", str(copy)).split())
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert line in err


@pytest.mark.parametrize("words", ["", "chek vifb", "check a b", "layout"])
def test_words_that_are_none_end_with_2(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        code = main(words.split())
    except SystemExit as error:
        code = int(str(error.code))
    assert code == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_get_clones_tells_where_and_how_to_go_on(said: Said, copy: Path, tmp_path: Path) -> None:
    import subprocess

    for given in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "x"]):
        subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x@x", *given], cwd=copy / "VIFB", check=True)
    data = tmp_path / "data"
    code, out, err = said("get", "vifb", "--root", str(data), "--from", str(copy / "VIFB"))
    assert (code, err) == (0, "")
    assert f"vifb: in {data / 'vifb'}, in the layout of xingchenzhang/VIFB" in out
    assert said("check", "vifb", "--root", str(data))[0] == 0
    code, _, err = said("get", "vifb", "--root", str(data), "--from", str(copy / "VIFB"))
    assert code == 2
    assert "is there already" in err


@pytest.mark.parametrize(
    "words",
    [
        ("list", "--part=test"),
        ("layout", "vifb", "--quick"),
        ("get", "vifb", "--root=x", "--all"),
        ("check", "vifb", "--root=x", "--from=y"),
    ],
)
def test_an_option_of_another_action_is_told(said: Said, words: tuple[str, ...]) -> None:
    code, out, err = said(*words)
    assert (code, out) == (2, "")
    assert f"{words[-1].partition('=')[0]} is an option of" in err
