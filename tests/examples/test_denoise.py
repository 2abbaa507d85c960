"""The denoiser is short, and its default table says of a part that it is needed."""

from __future__ import annotations

import io
import tokenize
from pathlib import Path

import pytest

from assay.cli.ablate import main
from assay.evidence.measurements import measurements
from assay.evidence.statistics.verdict import WORSE, verdicts_of
from assay.store.run import Run


def _code_lines(path: Path) -> int:
    """Lines that hold code: no comments, blank lines or docstrings."""
    held: set[int] = set()
    fresh = True
    for token in tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline):
        if token.type in (tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT):
            fresh = True
        elif token.type not in (tokenize.NL, tokenize.COMMENT, tokenize.ENDMARKER):
            if not (fresh and token.type == tokenize.STRING):
                held.update(range(token.start[0], token.end[0] + 1))
            fresh = False
    return len(held)


@pytest.fixture
def study(root: Path) -> Path:
    return root / "examples" / "denoise" / "denoise.py"


def test_it_is_short(study: Path) -> None:
    assert _code_lines(study) <= 80


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_its_table_says_that_the_skip_connection_is_needed(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Larger is better in one metric and smaller in the other, and the words follow; its code reaches the workers."""
    monkeypatch.chdir(tmp_path)
    command = ["--study", str(study), "--all", "--output", "run"]
    assert main(command) == 0
    assert "PSNR ↑" in (out := capsys.readouterr().out)
    assert "GMSD ↓" in out
    found = verdicts_of(measurements(Run(tmp_path / "run")))
    for metric in ("PSNR", "GMSD"):
        cell = found.cell("no_skip", metric)
        assert cell is not None
        assert cell["verdict"] == WORSE
