"""`--json`: one document on stdout, as its schema says, from every command and for every ending."""

from __future__ import annotations

import errno
import importlib
import json
import math
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import assay
import assay.cli.main
import smfnet.cli.main
from assay.cli import export, report, view
from assay.cli.exit import exit_code
from assay.config.errors import UserError, WorkLost
from assay.documents.envelope import Number, Part, Plain, Text
from assay.documents.schema import RESULTS, schema_text
from assay.files import wrote
from assay.store.run.folder import RunFolder
from smfnet.cli import search
from smfnet.cli.documents import RESULTS as OF_SMFNET
from tests.assay.evidence.conftest import write_search_folder
from tests.documents import SCHEMA, printed_document, read_document
from tests.synthetic_runs import Plan, write_run


def test_the_schema_in_the_documentation_is_that_of_the_types() -> None:
    assert SCHEMA.read_text(encoding="utf-8") == schema_text(OF_SMFNET)


def test_every_command_has_documents() -> None:
    assert RESULTS.keys() == assay.cli.main.COMMANDS.keys()
    assert OF_SMFNET.keys() == smfnet.cli.main.COMMANDS.keys()


@pytest.mark.parametrize("command", smfnet.cli.main.COMMANDS)
def test_every_command_takes_it_and_answers_a_mistake_with_a_document(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="0"):
        smfnet.cli.main.main([command, "--json", "--help"])
    shown = capsys.readouterr().out
    assert shown.startswith("usage: ")
    assert " --json " in shown
    assert "exit codes: 0 " in shown
    with pytest.raises(SystemExit, match="2"):
        smfnet.cli.main.main([command, "--json", "--no-such-option"])
    document, err = printed_document(capsys)
    assert (document["command"], document["code"]) == (command, 2)
    assert err == f"error: {document['error']['message']}\n"


def test_the_front_door_has_every_command(root: Path) -> None:
    doors = {path.stem for path in (root / "platform").glob("*.py")} - {"__init__", "__main__"}
    assert doors == smfnet.cli.main.COMMANDS.keys()


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (UserError("two images, got nan"), 2, "two images, got nan"),
        (UserError("s3://KEY:SECRET@bucket"), 2, "s3://***@bucket"),
        (
            WorkLost("Ray has died"),
            1,
            "Ray has died: give the same command again, it goes on from the last checkpoints",
        ),
        (KeyboardInterrupt(), 130, "stopped"),
        (MemoryError(), 2, "there is not enough memory: expected smaller inputs, or more memory"),
    ],
)
def test_every_way_to_end_is_a_document_and_the_usual_line(
    error: BaseException, code: int, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    @exit_code
    def main(argv: list[str] | None = None) -> int:
        print("what a study prints")
        raise error

    assert main(["--json"]) == code
    document, err = printed_document(capsys)
    assert (document["code"], document["error"]) == (code, {"message": message})
    first, last = err.splitlines()
    assert first == "what a study prints"
    assert last.removeprefix("error: ") == message


@pytest.mark.parametrize(
    "error", [KeyboardInterrupt(), OSError(errno.ENOSPC, "No space left on device"), ZeroDivisionError()]
)
def test_a_command_that_does_not_come_to_its_end_names_what_it_wrote(
    error: BaseException, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    @exit_code
    def main(argv: list[str] | None = None) -> int:
        for name in ("a.png", "gone.png", "b.png", "a.png"):
            Path(name).touch()
            wrote(Path(name))
        Path("gone.png").unlink()
        raise error

    assert main(["--json"]) != 0
    assert printed_document(capsys)[0]["written"] == ["a.png", "b.png"]
    wrote(Path("b.png"))  # nobody asks
    assert exit_code(lambda argv=None: 1 / 0)(["--json"]) == 1
    assert printed_document(capsys)[0]["written"] == []


def test_words_behind_a_double_dash_are_no_options(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(lambda argv=None: print("for people") or 0)(["--", "--json"]) == 0
    assert capsys.readouterr().out == "for people\n"


def test_what_cannot_be_json_is_null_or_escaped_and_the_rest_is_exact() -> None:
    class Made(Part):
        numbers: list[Number]
        text: Text
        plain: Plain

    made = Made(numbers=[math.nan, math.inf, 0.1 + 0.2], text="caf\udce9", plain={"a": (math.nan, Path("b"))})
    assert json.loads(made.model_dump_json()) == {
        "numbers": [None, None, 0.1 + 0.2], "text": "caf\\udce9", "plain": {"a": [None, "b"]},
    }  # fmt: skip


def test_programs_that_a_command_begins_do_not_print_into_the_document(root: Path, tmp_path: Path) -> None:
    program = (
        "import os, sys\nfrom assay.cli.exit import exit_code\n"
        "main = exit_code(lambda argv=None: print('mine') or os.system('echo theirs'))\nraise SystemExit(main())"
    )
    words = [sys.executable, "-c", program, "--json"]
    done = subprocess.run(
        words, env=os.environ | {"PYTHONPATH": str(root)}, capture_output=True, text=True, cwd=tmp_path
    )
    assert json.loads(done.stdout)["code"] == 0
    assert done.stderr == "mine\ntheirs\n"


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages without figures, which take a while."""

    def write(run: RunFolder) -> Path:
        path = run.folder / "report.html"
        path.write_text("a page")
        return path

    monkeypatch.setattr("assay.evidence.report.report.write_report", write)


@pytest.fixture
def run(tmp_path: Path, undrawn: None) -> RunFolder:
    """Four seeds, one row worse, one failed."""
    rows = ("ours", "no_graph", "swap_fusion")
    return write_run(tmp_path / "run", Plan(rows=rows, seeds=4, effects={"no_graph": -2.0}, failed=("swap_fusion",)))


def test_report_gives_the_table_the_verdicts_and_what_was_written(
    run: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert report.main([str(run.folder), "--json"]) == 0
    document, err = printed_document(capsys)
    assert err == ""
    assert document["written"] == [str(run.folder / "report.html")]
    result = document["result"]
    lines = assay.load_run(run.folder).verdicts()
    told = {(line["row"], line["metric"]): line for line in result["verdicts"]}
    assert len(told) == len(lines)
    for line in lines.to_dict("records"):
        given = told[line["row"], line["metric"]]
        assert given["verdict"] == line["verdict"]
        assert given["difference"] == (line["difference"] if math.isfinite(line["difference"]) else None)
        assert given["p_adjusted"] == (line["p_adjusted"] if math.isfinite(line["p_adjusted"]) else None)
    assert told["no_graph", "SD"]["verdict"] == "worse"
    assert told["swap_fusion", "SD"]["difference"] is None
    assert result["unfinished"][0] == "4 of 12 trials did not finish"
    assert {trial["status"] for trial in result["trials"]} == {"finished", "failed"}


@pytest.mark.parametrize(
    ("gates", "code"),
    [
        (["no_graph.SD worse than ours"], 0),
        (["ours.SD better than no_graph", "no_graph.EN worse than ours"], 0),
        (["no_graph.SD worse than ours", "no_graph.VIF better than ours"], 3),
        (["swap_fusion.SD better than ours"], 3),
        (["no_graph.SD worse than our"], 2),
    ],
)
def test_a_gate_is_the_exit_code(
    run: RunFolder, gates: list[str], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [word for gate in gates for word in ("--gate", gate)]
    assert report.main([str(run.folder), *words]) == code
    out, err = capsys.readouterr()
    assert [line.startswith("gate ") for line in err.splitlines()] == [code != 2] * len(gates)
    assert ("written" in out) == (code != 2) == (run.folder / "report.html").is_file()
    assert report.main([str(run.folder), *words, "--json"]) == code
    document, err = printed_document(capsys)
    assert [each["line"] for each in document["gates"]] == [line for line in err.splitlines() if code != 2]
    assert all(each["met"] for each in document["gates"]) == (code in (0, 2))


def test_report_of_a_search_gives_its_trials(tmp_path: Path, undrawn: None, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_search_folder(tmp_path / "search")
    assert report.main([str(folder), "--json"]) == 0
    result = printed_document(capsys)[0]["result"]
    assert [trial["state"] for trial in result["trials"]] == ["finished"] * 3 + ["stopped"] + ["finished"] * 2
    assert result["trials"][3]["values"] == {"score": None}
    assert result["best"]["parameters"] == {"alpha3": 7.0, "beta1": 4.0}
    assert result["confirmation"] is None


def test_report_of_several_runs_gives_each(
    run: RunFolder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = run.folder / "comparison.html"
    monkeypatch.setattr("assay.evidence.report.beside.compared.write_comparison", lambda runs: page)
    assert report.main([str(run.folder), str(run.folder), "--json"]) == 0
    document = printed_document(capsys)[0]
    assert document["written"] == [str(page)]
    assert [each["suite"] for each in document["result"]["runs"]] == ["table5", "table5"]
    assert report.main([str(run.folder), str(run.folder), "--gate", "no_graph.SD worse than ours"]) == 2


def test_a_report_that_fails_halfway_names_what_it_wrote(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = write_run(tmp_path / "run", Plan(rows=("ours", "no_graph"), seeds=2))

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(run.folder / "report.html"))

    monkeypatch.setattr("assay.evidence.report.report._ablation", full)
    assert report.main([str(run.folder), "--json"]) != 0
    names = [Path(each).name for each in printed_document(capsys)[0]["written"]]
    assert names == ["table.md", "table.csv", "table.tex"]


def test_a_run_that_is_none_is_a_mistake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert report.main([str(tmp_path / "none"), "--json"]) == 2
    document, err = printed_document(capsys)
    assert "is no run" in document["error"]["message"]
    assert len(err.splitlines()) == 1


def test_search_lists_and_plans(
    tiny_words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert search.main(["--list", "--json"]) == 0
    known = {each["name"]: each for each in printed_document(capsys)[0]["result"]["parameters"]}
    assert known["alpha3"]["path"] == "loss.stage1.w_ssim"
    assert search.main(["alpha3", "beta1", *tiny_words, "data.val_pairs=2", "--trials=4", "--plan", "--json"]) == 0
    planned = printed_document(capsys)[0]["result"]
    assert (planned["parameters"], planned["trials"]) == (["alpha3", "beta1"], 4)


def test_export_tells_what_is_in_the_file(run: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "run.zip"
    assert export.main([str(run.folder), str(file), "--no-weights", "--json"]) == 0
    document = printed_document(capsys)[0]
    assert document["written"] == [str(file)]
    assert document["result"]["bytes"] == file.stat().st_size
    assert export.main([str(file), "--unpack", str(tmp_path / "there"), "--json"]) == 0
    assert printed_document(capsys)[0]["result"] == {"kind": "unpacked", "folder": str(tmp_path / "there" / "run")}


def test_view_answers_when_the_page_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def serve(root: Path, port: int, told: Callable[[str], None], **_: object) -> None:
        told("http://127.0.0.1:1/?token=x")
        read_document(capsys.readouterr().out)
        print("while it is there")

    monkeypatch.setattr("assay.view.server.serve", serve)
    assert view.main([str(tmp_path), "--json"]) == 0
    assert capsys.readouterr() == ("", "while it is there\n")


def test_an_unknown_command_is_a_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert assay.cli.main.main(["serach", "--json"]) == 2
    document = printed_document(capsys)[0]
    assert document["command"] == "serach"
    assert "Did you mean search?" in document["error"]["message"]


def test_a_program_prints_one_document_for_the_command_that_it_calls(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert assay.cli.main.main(["store", "list", f"storage={tmp_path}", "--json"]) == 0
    document = printed_document(capsys)[0]
    assert (document["command"], document["result"]["entries"]) == ("store", [])


def test_the_module_of_a_command_is_called_as_the_command() -> None:
    for name, command in smfnet.cli.main.COMMANDS.items():
        assert importlib.import_module(command.module).main.__module__.rpartition(".")[2] == name
