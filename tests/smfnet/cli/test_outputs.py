"""Files that a user names: none is replaced unasked, and one that cannot be written takes nothing else with it."""

from __future__ import annotations

import errno
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from assay.files import write_text
from smfnet.cli.evaluate import main
from smfnet.cli.gallery import main as gallery
from smfnet.cli.outputs import write_each
from smfnet.cli.tasks import main as tasks
from tests.documents import printed_document

WORDS = ("--ir=ir", "--vi=vi", "--fused=one", "--metrics=SD", "--workers=1")
Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One pair with a fused image."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(1)
    for folder in ("ir", "vi", "one"):
        Path(folder).mkdir()
        Image.fromarray(rng.integers(0, 256, (40, 44), dtype=np.uint8)).save(f"{folder}/a.png")


def _full(path: Path, text: str = "") -> None:
    """Of CSV files the disk is full."""
    if path.suffix == ".csv":
        raise OSError(errno.ENOSPC, "No space left on device", str(path))
    write_text(path, text)


def test_what_was_measured_is_shown_though_a_file_cannot_be_written(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setattr("assay.files.write_text", _full)
    mean = np.asarray(Image.open("one/a.png"), dtype=float).std()
    assert main([*WORDS, "--csv=v.csv", "--markdown=t.md"]) == 1
    out, err = capsys.readouterr()
    assert f"{mean:.4f}" in out
    assert "table: t.md" in out
    assert "v.csv" not in out
    assert err == "error: No space left on device: v.csv\n"
    assert f"{mean:.4f}" in Path("t.md").read_text()
    assert main([*WORDS, "--csv=v.csv", "--json"]) == 1
    document, err = printed_document(capsys)
    assert document["result"]["means"][0]["mean"] == pytest.approx(mean, rel=1e-6)
    assert document["written"] == []
    assert "error: No space left on device: v.csv" in err


def test_what_a_gallery_has_found_is_told_though_the_page_cannot_be_written(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    def full(path: Path, text: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr("assay.files.write_text", full)
    assert gallery([*WORDS, "--output=g.html"]) == 1
    out, err = capsys.readouterr()
    assert out.splitlines()[-1] == "worst first: a"
    assert err == "error: No space left on device: g.html\n"
    assert gallery([*WORDS, "--output=g.html", "--json"]) == 1
    result = printed_document(capsys)[0]["result"]
    assert (result["page"], result["scenes"]) == (None, ["a"])


@pytest.mark.parametrize("option", ["--csv", "--markdown", "--latex", "--figure"])
def test_a_file_that_is_there_is_not_replaced_unasked(option: str, capsys: Capture) -> None:
    file = Path("x.svg" if option == "--figure" else "x.txt")
    file.write_text("mine")
    words = [*WORDS, f"{option}={file}"]
    assert main(words) == 2
    assert capsys.readouterr().err == (
        f"error: {option} {file} is there already: give --force to overwrite, or another name\n"
    )
    assert file.read_text() == "mine"
    assert main([*words, "--force"]) == 0
    assert file.read_text() != "mine"


def test_tasks_keeps_to_it_as_well(capsys: Capture) -> None:
    Path("t.md").write_text("mine")
    words = ["detect", "--data=msrs", "--root=.", "--markdown=t.md"]
    assert tasks(words) == 2
    assert "--markdown t.md is there already: give --force" in capsys.readouterr().err
    assert tasks([*words, "--force"]) == 2
    assert "is there already" not in capsys.readouterr().err  # it goes on to the data, which are not there


def test_a_command_with_nothing_else_to_hand_over_fails_as_a_whole() -> None:
    files = {path: partial(_full, path) for path in (Path("a.csv"), Path("b.csv"))}
    with pytest.raises(OSError, match="No space left on device"):
        write_each(files, alone=True)
    more = {**files, Path("c.txt"): partial(_full, Path("c.txt"), "text")}
    written, failed = write_each(more, alone=True)
    assert written == [Path("c.txt")]
    assert failed == [f"error: No space left on device: {name}.csv" for name in "ab"]
