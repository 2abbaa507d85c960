"""What docs/api/index.md shows in Python runs on a run."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.docs.recipe import blocks
from tests.synthetic_runs import Plan, write_run


def test_the_lines_of_the_page_give_data_frames(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_run(tmp_path / "runs" / "table5", Plan())
    monkeypatch.chdir(tmp_path)
    (shown,) = [block.text for block in blocks(root / "docs" / "api" / "index.md")]
    statements, values = shown.split("\n\n")
    made, first = values.split("measured.values", 1)
    names: dict[str, object] = {}
    exec(f"{statements}\n{made}", names)
    for line in f"measured.values{first}".splitlines():
        exec(f"frame = {line}", names)
        assert isinstance(names["frame"], pd.DataFrame), line
