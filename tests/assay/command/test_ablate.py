"""A command through the front door: Ray's workers, the table, its alarms, and a search that is refused."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from assay.cli.ablate import main as ablate
from assay.cli.search import main as search
from assay.command.study import CommandStudy
from assay.store.run.folder import RunFolder
from tests.assay.command.conftest import HEAD

MakeStudy = Callable[..., CommandStudy]
SCRIPT = HEAD + (
    "width, seed = int(options.width), int(options.seed)\n"
    "assert os.environ['MY_SECRET'] == 'hunter2-hunter2' and os.environ.get('OMP_NUM_THREADS') == '3'\n"
    "if width == 3: raise ValueError('too narrow')\n"
    "noise = (seed * 7919 % 13) / 100 if width != 5 else 0\n"
    "rows = [{'line': f'{k}', 'loss': max(width, 7) + k / 10 + noise * (1 + k / 50)} for k in range(9)]\n"
    "json.dump(rows, open(f'{options.out}/m.json', 'w'))\n"
)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_run_of_a_command_says_what_it_can_and_no_more(
    make_study: MakeStudy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A worse row is called so; one that equals the base, or does not heed its seed, gets an alarm and no word."""
    monkeypatch.setenv("MY_SECRET", "hunter2-hunter2")
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    rows = {
        "ours": {},
        "wide": {"changes": {"width": 9}},
        "same": {"changes": {"width": 6}},
        "deaf": {"changes": {"width": 5}},
        "narrow": {"changes": {"width": 3}},
    }
    study = make_study(SCRIPT, sample="line", seeds=3, rows=rows, parameters={"width": 7})
    monkeypatch.chdir(tmp_path)
    words = ["--study", str(study._path), "--all", "--output", "run", "storage=store"]
    assert ablate(words) == 1
    out, err = capsys.readouterr()
    assert "narrow-seed2025: failed; the command ended with exit code 1: ValueError: too narrow" in err
    table = {line.split()[0]: line for line in out.splitlines() if line.split()[:1] and line.split()[0] in rows}
    assert "▼" in table["wide"]
    assert not set("▲▼○◆") & set(table["same"] + table["deaf"])
    assert "Alarm: same: its values equal those of ours under the same seed" in out
    assert "Alarm: deaf: its seeds give the same values" in out
    assert "ValueError: too narrow" in (tmp_path / "run" / "errors" / "narrow-seed2025.txt").read_text()
    assert RunFolder(tmp_path / "run").record.sample == "line"
    told = [path for path in tmp_path.rglob("*") if path.is_file() and "study" not in path.parts]
    assert not [path for path in told if b"hunter2" in path.read_bytes()]


def test_a_search_without_a_validation_split_is_refused(
    make_study: MakeStudy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    study = make_study(parameters={"width": {"default": 8, "low": 4, "high": 16}})
    monkeypatch.chdir(tmp_path)
    assert search(["width", "--study", str(study._path)]) == 2
    assert "name their metrics file with `validation:`" in capsys.readouterr().err
    assert os.listdir(tmp_path) == ["study"]


def test_rows_that_do_not_fit_are_refused_before_anything_starts(
    make_study: MakeStudy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    study = make_study()
    raw = yaml.safe_load(study._text) | {"rows": {"ours": {}, "half": {"changes": {"width": 0.5}}}}
    study._path.write_text(yaml.safe_dump(raw))
    monkeypatch.chdir(tmp_path)
    assert ablate(["--study", str(study._path), "--all"]) == 2
    assert "row half: width" in capsys.readouterr().err
