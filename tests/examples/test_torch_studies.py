"""The examples are short, import the public face alone, and say of a part in their default table that it is needed."""

from __future__ import annotations

import ast
import io
import tokenize
from pathlib import Path

import pytest

import assay
from assay.cli.ablate import main
from assay.evidence.measurements import measurements
from assay.evidence.statistics.verdict import verdicts_of
from assay.evidence.statistics.words import WORSE
from assay.store.run.folder import RunFolder

EXAMPLES = Path(__file__).parents[2] / "examples"
STUDIES = {"denoise": ("no_skip", ("PSNR", "GMSD")), "pretraining": ("no_pretraining", ("accuracy", "surprise"))}


def _file(name: str) -> Path:
    return EXAMPLES / name / f"{name}.py"


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


@pytest.mark.parametrize("name", STUDIES)
def test_it_is_short(name: str) -> None:
    assert _code_lines(_file(name)) <= 80


@pytest.mark.parametrize("path", sorted(EXAMPLES.rglob("*.py")), ids=lambda path: path.name)
def test_it_imports_the_public_face_alone(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        assert not [name for name in names if name.startswith(("assay.", "smfnet"))]
        if names == ["assay"] and isinstance(node, ast.ImportFrom):
            assert {alias.name for alias in node.names} <= {*assay.__all__}


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", STUDIES)
def test_its_default_table_says_that_a_part_is_needed(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a metric that is better when larger and in one that is better when smaller; its code reaches the workers."""
    monkeypatch.chdir(tmp_path)
    command = ["--study", str(_file(name)), "--all", "--output", "run", "train.device=cpu"]
    assert main(command) == 0
    row, (larger, smaller) = STUDIES[name]
    out = capsys.readouterr().out
    assert f"{larger} ↑" in out
    assert f"{smaller} ↓" in out
    found = verdicts_of(measurements(RunFolder(tmp_path / "run")))
    for metric in (larger, smaller):
        cell = found.cell(row, metric)
        assert cell is not None
        assert cell["verdict"] == WORSE
    assert main(command) == 0  # and nothing is done twice
    assert "trained 0 stages" in capsys.readouterr().out
