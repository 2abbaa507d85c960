"""What stands before and behind a `=` of `--fused`."""

from __future__ import annotations

from pathlib import Path

import pytest

from assay.config.errors import UserError
from smfnet.methods.named import Method, methods_from


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("pmgi", "did", "a=b", "x", "x=pmgi"):
        (tmp_path / name).mkdir()


def test_names_and_places() -> None:
    assert methods_from(["PMGI=pmgi", " Did Fuse =did"]) == (
        Method("PMGI", Path("pmgi")),
        Method("Did Fuse", Path("did")),
    )
    assert methods_from(["pmgi"]) == (Method("", Path("pmgi")),)


def test_a_place_with_an_equals_sign_is_a_place() -> None:
    assert methods_from(["a=b"]) == (Method("", Path("a=b")),)
    assert methods_from(["M=a=b", "N=did"])[0] == Method("M", Path("a=b"))
    assert methods_from(["./x=pmgi"]) == (Method("", Path("x=pmgi")),)
    assert methods_from(["runs/a=1/out"]) == (Method("", Path("runs/a=1/out")),)  # not there: told later, by this path


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["pmgi", "did"], "each of several methods has a name: pmgi=pmgi, not pmgi"),
        (["A=pmgi", "did"], "did=did, not did"),
        (["A=pmgi", "a=did"], "the method a is given twice, as the method A and as the method a"),
        (["A=pmgi", "A=did"], "the method A is given twice: expected each method"),
        (["A=pmgi", "B=./x/../pmgi"], "is given twice, as pmgi and as x/../pmgi"),
        (["=pmgi"], "expected a name before the =; there is none"),
        (["A="], "expected a folder behind the =; there is none"),
        ([""], "expected NAME=DIR, or DIR; got nothing"),
        (["x=pmgi"], "there is x=pmgi, and there is pmgi: write ./x=pmgi, or x=./pmgi"),
        ([f"{'n' * 61}=pmgi"], "a name of at most 60 characters"),
        (["a\nb=pmgi"], "characters that can be printed"),
    ],
)
def test_what_is_wrong_with_names_is_told(words: list[str], told: str) -> None:
    with pytest.raises(UserError) as error:
        methods_from(words)
    assert told in str(error.value)
