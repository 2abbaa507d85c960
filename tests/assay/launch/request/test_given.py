"""A study is handed over by its name, as a class, or as an object; what workers could not import is refused."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from assay.config.errors import UserError
from assay.launch.request.given import study_given, word_for
from assay.study import Study
from smfnet.study import study as smfnet


@pytest.fixture
def line(line_study: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module `line`, as a user imports it."""
    monkeypatch.syspath_prepend(str(line_study.parent))
    monkeypatch.delitem(sys.modules, "line", raising=False)
    return importlib.import_module("line")


def test_a_file_may_be_a_text_or_a_path(line_study: Path) -> None:
    assert study_given("line.py").name == study_given(line_study).name == "line"


def test_a_class_is_found_in_its_file_and_sent_with_it(line: ModuleType, line_study: Path) -> None:
    found = study_given(line.Line)
    assert found.code.place == "line:Line"
    assert found.code.sources == {"line": line_study.read_text()}


def test_an_object_is_found_by_its_name(line: ModuleType, line_study: Path) -> None:
    line_study.write_text(line_study.read_text() + "\n\nTWO_STAGES = Line()\n")
    reloaded = importlib.reload(line)
    assert word_for(reloaded.TWO_STAGES) == f"{line_study}:TWO_STAGES"
    assert study_given(reloaded.TWO_STAGES).code.place == "line:TWO_STAGES"


def test_an_object_without_a_name_is_what_its_class_makes(line: ModuleType) -> None:
    assert study_given(line.Line()).code.place == "line:Line"


def test_an_object_that_nothing_leads_to_is_refused(line: ModuleType) -> None:
    lost = line.Line()
    del lost.code
    with pytest.raises(UserError, match=r"workers cannot find this Line: .* such as STUDY = Line\(\.\.\.\)"):
        study_given(lost)


def test_a_study_that_knows_its_place_is_taken_as_it_is() -> None:
    known = smfnet()
    assert study_given(known) is known


def test_a_class_of_a_package_is_named_by_its_module() -> None:
    assert word_for(type(smfnet())) == f"smfnet.study:{type(smfnet()).__name__}"


@pytest.mark.parametrize("odd", [3, None, Path, object()])
def test_what_is_no_study_is_one_line(odd: object) -> None:
    with pytest.raises(UserError, match="expected a study"):
        study_given(odd)  # type: ignore[arg-type]


def test_what_a_notebook_defines_is_refused_with_the_line_that_writes_it_to_a_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    main = ModuleType("__main__")
    exec("from assay.torch_study import TorchStudy\nclass Mine(TorchStudy): ...", main.__dict__)
    monkeypatch.setitem(sys.modules, "__main__", main)
    mine: type[Study] = main.Mine
    with pytest.raises(UserError, match="%%writefile my_study"):
        study_given(mine)


SCRIPT = "\n\nimport assay\n\nif {guard}:\n    print(len(assay.plan(Line).table()), 'trials')\n"


@pytest.mark.parametrize(
    ("guard", "expected"),
    [("__name__ == '__main__'", "6 trials\n"), ("True", "put that below `if __name__ == '__main__':`")],
)
def test_a_script_may_hold_its_study_where_its_work_is_guarded(
    line_study: Path, root: Path, guard: str, expected: str
) -> None:
    line_study.write_text(line_study.read_text() + SCRIPT.format(guard=guard))
    command = [sys.executable, str(line_study)]
    done = subprocess.run(command, capture_output=True, text=True, env={"PYTHONPATH": str(root), "PATH": ""})
    assert expected in done.stdout + done.stderr
    assert (done.returncode == 0) is (guard != "True")
