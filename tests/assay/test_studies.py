"""A study is found by its file, its module or its name; whatever is wrong with it is one line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from assay.config.errors import UserError
from assay.config.reading import MIB
from assay.studies import load_study, study_of
from assay.study import StudyCode
from assay.tuning.spaces.space import parameters_of

STUDY = """
import torch
from assay import Metric, TorchStudy
from {beside} import CHANNELS

class Small(TorchStudy):
    metrics = (Metric("error", "smaller"),)
    suite = {{"rows": {{"ours": {{}}}}}}
    def build(self, config):
        return torch.nn.Linear(CHANNELS, 1)
    def batches(self, config, seed, epoch):
        return [(torch.ones(2, CHANNELS),)]
    def terms(self, network, batch, config):
        return {{"square": network(batch[0]).square().mean()}}
    def evaluate(self, network, config, split):
        return {{"one": {{"error": network(torch.ones(1, CHANNELS)).abs().item()}}}}
"""


def _written(folder: Path, channels: int, beside: str = "sizes") -> Path:
    folder.mkdir()
    (folder / f"{beside}.py").write_text(f"CHANNELS = {channels}\n")
    (folder / "unrelated.py").write_text("raise RuntimeError\n")
    path = folder / "my_study.py"
    path.write_text(STUDY.format(beside=beside))
    return path


def test_a_file_is_a_study_with_the_modules_that_it_imports(tmp_path: Path) -> None:
    study = load_study(str(_written(tmp_path / "here", 3)))
    assert study.name == "small"
    assert study.code.sources.keys() == {"my_study", "sizes"}
    assert study.code.place == "my_study:Small"
    assert Path(study.code.folder) == tmp_path / "here"


def test_two_studies_of_one_file_name_work_in_one_session(tmp_path: Path) -> None:
    one, two = (load_study(str(_written(tmp_path / name, channels))) for name, channels in (("a", 2), ("b", 5)))
    shapes = [list(study.build(study.schema.config()).weight.shape) for study in (one, two)]  # type: ignore[attr-defined]
    assert shapes == [[1, 2], [1, 5]]


def test_what_was_sent_is_the_study_where_its_files_are_not(tmp_path: Path) -> None:
    """As a worker has it, which imports the text that was sent, whatever stands in the file by then."""
    code = load_study(str(path := _written(tmp_path / "here", 3))).code
    path.write_text("raise RuntimeError\n")
    script = (
        "import sys\nfrom assay.studies import study_of\nfrom assay.study import StudyCode\n"
        f"study = study_of(StudyCode({code.place!r}, (), {dict(code.sources)!r}, '/not/there'))\n"
        "print(study.name, study.build(study.schema.config()).weight.shape[1])\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=tmp_path)
    assert (done.stdout, done.stderr) == ("small 3\n", "")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("import nothing_of_the_kind\n", "cannot be imported: ModuleNotFoundError: No module named 'nothing_of"),
        ("def broken(:\n", "cannot be read: invalid syntax (wrong_study.py, line 1)"),
        ("1 / 0\n", "cannot be imported: ZeroDivisionError: division by zero"),
        ("x = 1\n", "expected a study, class NAME(TorchStudy); it has nothing"),
        ("class Mine: pass\n", "expected a study, class NAME(TorchStudy); it has Mine"),
        ("STUDY = 5\n", "expected an assay.study.Study; got int"),
        ("raise KeyboardInterrupt\n", None),
        ("raise SystemExit('bye')\n", "cannot be imported: SystemExit: bye"),
        ("raise ValueError('one\\ntwo')\n", "cannot be imported: ValueError: one two"),
        (STUDY.format(beside="math").replace("CHANNELS", "pi").replace("    metrics", "    # "), "has no metrics"),
    ],
)
def test_a_file_that_is_no_study_is_one_line(tmp_path: Path, text: str, reason: str | None) -> None:
    path = tmp_path / "wrong_study.py"
    path.write_text(text)
    with pytest.raises(UserError if reason else KeyboardInterrupt) as caught:
        load_study(str(path))
    assert reason is None or reason in str(caught.value)
    assert len(str(caught.value).splitlines()) <= 1


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        (None, "what is studied? say --study FILE.py"),
        ("nothing.py", "nothing.py is not there"),
        ("not-a-name.py", "is not there"),
        ("no.such.module:STUDY", "cannot be imported: ModuleNotFoundError"),
        ("json:dumps", "TypeError"),
        ("misspelled", "misspelled"),
        ("", "unknown study ''"),
        (".", "this is a folder"),
    ],
)
def test_a_word_that_names_no_study_is_one_line(word: str | None, reason: str) -> None:
    with pytest.raises(UserError) as caught:
        load_study(word)
    assert reason in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_an_installed_study_is_meant_where_a_folder_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "smfnet").mkdir()
    monkeypatch.chdir(tmp_path)
    assert load_study("smfnet").name == "smfnet"


def test_a_module_names_a_study() -> None:
    assert load_study("smfnet.study:study").name == study_of(StudyCode("smfnet.study:study")).name == "smfnet"


def test_its_own_parameters_need_not_say_what_its_base_says(tmp_path: Path) -> None:
    path = _written(tmp_path / "here", 3)
    space = '    space = {"lr": {"path": "optim.lr", "range": [1e-4, 1e-1], "scale": "log"}}\n'
    path.write_text(path.read_text().replace("    suite", space + "    suite"))
    assert parameters_of(load_study(str(path)))["lr"].paper == 1e-3
    path.write_text(path.read_text().replace('"scale": "log"', '"scale": "logg"'))
    with pytest.raises(UserError, match="scale: expected one of"):
        parameters_of(load_study(str(path)))
    path.write_text(path.read_text().replace('"range": [1e-4, 1e-1]', '"range": 5'))
    with pytest.raises(UserError, match="the parameters of the study small"):
        parameters_of(load_study(str(path)))


def test_a_command_is_a_file_and_not_a_large_one(tmp_path: Path) -> None:
    """Whatever looks at its size looks at its kind as well: nothing waits for a pipe."""
    path = tmp_path / "train.yaml"
    path.write_text("#" * (MIB + 1))
    with pytest.raises(UserError, match=r"cannot read the study .*train\.yaml: expected at most 1 MiB"):
        load_study(str(path))
