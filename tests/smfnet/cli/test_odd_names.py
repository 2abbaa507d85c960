"""An image whose name is not UTF-8, in a folder that a command reads, is told of and costs no other image."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import smfnet
from assay.config.errors import UserError
from smfnet.cli import conventions, evaluate, gallery

ODD = "caf\udce9.png"
FOLDERS = ("set/ir", "set/vi", "one")
TOLD = [f"passed over: expected a name in UTF-8; got {folder}/caf\\udce9.png: rename it" for folder in FOLDERS]


@pytest.fixture(autouse=True)
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two pairs with their fused images, and in each folder one of such a name."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(1)
    for folder in FOLDERS:
        Path(folder).mkdir(parents=True)
        for name in ("a.png", "b.png", ODD):
            Image.fromarray(rng.integers(0, 256, (40, 44), dtype=np.uint8)).save(Path(folder, name))


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (evaluate.main, ("--ir=set/ir", "--vi=set/vi", "--metrics=SD", "--workers=1")),
        (evaluate.main, ("--pairs=set", "--metrics=SD", "--workers=1")),
        (gallery.main, ("--ir=set/ir", "--vi=set/vi", "--metrics=SD", "--workers=1", "--output=g.html")),
        (conventions.main, ("--ir=set/ir", "--vi=set/vi", "--row=EN=7")),
    ],
)
def test_the_others_are_read_and_the_code_is_1(
    command: Callable[[list[str]], int], words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(["--fused=one", *words]) == 1
    out, err = capsys.readouterr()
    assert err.splitlines() == TOLD
    assert "2 images" in out or "2 scenes" in out


def test_called_from_python_it_is_an_error() -> None:
    with pytest.raises(UserError, match="expected a name in UTF-8"):
        smfnet.evaluate("one", "set/ir", "set/vi", progress=False)
