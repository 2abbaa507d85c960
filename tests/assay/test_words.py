"""What the engine says suits any study: its texts speak of no paper, pair or picture, unless a run has such."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

_OF_ONE_STUDY = re.compile(r"\b(papers?|pair|fused|fusion|infrared|images?)\b", re.IGNORECASE)
# Texts beside a printed table, which a suite must name; examples, which are shown as they are called here.
_ALLOWED = {
    "assay/evidence/statistics/agreement.py",
    *(f"assay/evidence/tables/{name}.py" for name in ("latex", "markdown", "table", "terminal")),
    *(f"assay/evidence/report/sections/{name}.py" for name in ("ablation", "grids")),
}
_ONE_WORD = re.compile(r"[\w./:;,-]*")  # a key, a column or a folder, that nobody reads


def _texts(file: Path) -> Iterator[tuple[int, str]]:
    """Line and text of every constant that is no docstring."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.lineno, node.value


def test_no_text_of_the_engine_speaks_of_what_one_study_has(root: Path) -> None:
    found = [
        f"{name}:{line}: {text}"
        for file in sorted((root / "assay").rglob("*.py"))
        if (name := file.relative_to(root).as_posix()) not in _ALLOWED
        for line, text in _texts(file)
        if _OF_ONE_STUDY.search(text) and not _ONE_WORD.fullmatch(text.strip())
    ]
    keys = ("paper:", "as paper", "nothing to pair")  # a key of search spaces; samples of two rows
    assert [each for each in found if not any(key in each for key in keys)] == []


def test_commands_are_suggested_in_one_place(root: Path) -> None:
    """Examples of the help are written as they are given in a clone, and shown as they are given here."""
    naming = {
        file.relative_to(root).as_posix()
        for file in (root / "assay").rglob("*.py")
        for _, text in _texts(file)
        if "python -m platform" in text and not text.startswith("examples:")
    }
    assert naming == {"assay/config/text/command_line.py", "assay/cli/main.py"}
