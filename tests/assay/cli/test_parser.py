"""A command is called as it can be given here."""

from __future__ import annotations

from pathlib import Path

import pytest

from assay.cli.parser import command_parser, examples_for, once_each
from assay.config.text.command_line import called


@pytest.mark.parametrize(
    ("program", "call"),
    [
        ("/venv/bin/assay", "assay ablate"),
        ("/venv/bin/smfnet", "smfnet ablate"),
        ("/clone/platform/ablate.py", "python -m platform.ablate"),
        ("", "python -m platform.ablate"),
    ],
)
def test_help_shows_the_call_and_examples_of_this_place(
    monkeypatch: pytest.MonkeyPatch, program: str, call: str
) -> None:
    monkeypatch.setattr("sys.argv", [program])
    parser = command_parser("ablate", "train rows", "examples:\n  python -m platform.ablate --all   every row\n")
    assert called("ablate") == call
    assert parser.format_help().startswith(f"usage: {call} [-h]")
    assert "Train rows." in parser.format_help()
    assert f"  {call} --all   every row" in parser.format_help()


def test_a_mistake_is_one_line_that_says_where_help_is(capsys: pytest.CaptureFixture[str]) -> None:
    parser = command_parser("ablate", "train rows", "")
    parser.add_argument("--all", action="store_true")
    with pytest.raises(SystemExit) as ended:  # an abbreviation is no option
        parser.parse_args(["--al\nl"])
    assert ended.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line == f"error: unrecognized arguments: --al l; {parser.prog} --help shows examples"


def test_help_for_a_study_shows_its_own_values(tmp_path: Path) -> None:
    (tmp_path / "a_study_for_help.py").write_text(_STUDY)
    named = str(tmp_path / "a_study_for_help.py")
    for words in (["--study", named, "--help"], [f"--study={named}", "-h"]):
        shown = examples_for(words, "network.width=64", "examples of any")
        assert "network.width" not in shown
        assert shown.startswith("examples of any")
        assert {"train.epochs=10", "seeds=5", "optim.clip_norm=null", "train.bf16=false"} <= set(shown.split())
    assert examples_for(["--help"], "own", "any") == "own"
    assert examples_for(["--study", "no/such.py", "--all"], "own", "any") == "any"


_STUDY = """
from assay import Metric, TorchStudy

class Mine(TorchStudy):
    metrics = (Metric("error"),)
    seeds = 5
    def build(self, config): ...
    def batches(self, config, seed, epoch): ...
    def terms(self, network, batch, config): ...
    def evaluate(self, network, config, split): ...
"""


def test_an_option_that_is_given_twice_is_an_error_where_that_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    parser = command_parser("fuse", "words", "")
    parser.add_argument("--before")
    once_each(parser)
    parser.add_argument("--one", default="auto")
    parser.add_argument("--several", nargs="+")
    parser.add_argument("place", nargs="?")
    given = parser.parse_intermixed_args(["--one=x", "here", "--several", "a", "b"])
    assert (given.one, given.several, given.place) == ("x", ["a", "b"], "here")
    assert parser.parse_args(["--before=1", "--before=2"]).before == "2"
    for words, told in (
        (["--one=auto", "--one=x"], "--one is given twice: expected it once"),
        (["--several", "a", "--several", "b"], "--several is given twice: give all of them after one"),
    ):
        with pytest.raises(SystemExit, match="2"):
            parser.parse_args(words)
        assert told in capsys.readouterr().err


def test_an_unset_variable_of_a_shell_is_not_the_current_folder(capsys: pytest.CaptureFixture[str]) -> None:
    parser = command_parser("export", "a run as one file", "")
    parser.add_argument("--unpack", type=Path)
    with pytest.raises(SystemExit) as ended:
        parser.parse_args(["--unpack", ""])
    assert ended.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: argument --unpack: expected a file or a folder; got ''")
    assert parser.parse_args(["--unpack", "."]).unpack == Path()
