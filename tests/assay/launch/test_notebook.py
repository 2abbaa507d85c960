"""The calls work in a notebook, with progress drawn in place."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

CELLS = (
    "import assay\nrun = assay.ablate('line.py', rows=['ours', 'wide'], seeds=2, output='run')\nrun",
    "run.table()",
    "class Mine(assay.TorchStudy):\n    metrics = (assay.Metric('error'),)\nassay.ablate(Mine)",
)


@pytest.mark.slow
def test_an_ablation_in_a_cell(line_study: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(root))
    cells = [nbformat.v4.new_code_cell(text) for text in CELLS]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={})
    NotebookClient(
        notebook, timeout=120, kernel_name="python3", allow_errors=True, resources={"metadata": {"path": "."}}
    ).execute()
    progress, shown = (output["data"] for output in notebook.cells[0].outputs)
    assert "4 of 4 trials" in progress["text/html"]
    assert "twice as wide" in shown["text/html"]
    assert "noise floor" in shown["text/html"]
    assert "twice as wide" in notebook.cells[1].outputs[0]["data"]["text/html"]
    (refused,) = notebook.cells[2].outputs
    assert refused["ename"] == "UserError"
    assert "%%writefile" in refused["evalue"]
