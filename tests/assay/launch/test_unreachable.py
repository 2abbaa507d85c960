"""A run that cannot begin leaves nothing behind: an address is tried before anything is written, whatever trains."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from assay.cli.ablate import main as ablate
from assay.cli.search import main as search

NOBODY = "127.0.0.1:1"


@pytest.mark.parametrize("device", ["train.device=cpu", "train.device=auto"])
@pytest.mark.parametrize(("main", "words"), [(ablate, ["ours", "--seeds=1"]), (search, ["alpha3", "--trials=2"])])
def test_an_address_at_which_nobody_answers_is_one_line(
    main: Callable[[list[str]], int],
    words: list[str],
    device: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("ray.is_initialized", lambda: False)  # whatever other tests of this process have connected to
    study = ["--study", "smfnet.study:study", "data=generated", device, "storage=store", "--output=run"]
    assert main([*words, *study, "--address", NOBODY]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"error: no Ray cluster answers at {NOBODY}: ")
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
