"""No value of a user's is filled in from the environment, whichever way it comes."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from assay.config.changes import apply
from assay.config.errors import UserError
from smfnet.config.root import Config
from smfnet.config.schema import compose
from smfnet.folders import PRESETS

REFUSED = "is not filled in here: write the value itself"


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("ASSAY_TEST_SECRET", "hunter2")
    return "${oc.env:ASSAY_TEST_SECRET}"


@pytest.mark.parametrize("path", ["note", "data.root", "optim.lr", "metrics.table", "data.exclude"])
def test_a_file_of_values_holds_no_resolver(tmp_path: Path, secret: str, path: str) -> None:
    file = tmp_path / "best.yaml"
    value = [secret] if path in ("metrics.table", "data.exclude") else f"a {secret}"
    file.write_text(yaml.safe_dump({path: value}) if "." not in path else _nested(path, value))
    with pytest.raises(UserError, match=REFUSED) as raised:
        compose(base=file)
    assert str(file) in str(raised.value)
    assert "hunter2" not in str(raised.value)
    assert "\n" not in str(raised.value)


def _nested(path: str, value: object) -> str:
    section, leaf = path.split(".")
    return yaml.safe_dump({section: {leaf: value}})


@pytest.mark.parametrize("value", ["${note}", "x${oc.env:HOME}", r"\${oc.env:HOME}", "???", "${"])
def test_neither_a_word_nor_a_change_of_a_row_is_filled_in(value: str) -> None:
    with pytest.raises(UserError, match=REFUSED):
        compose([f"note={value}"])
    for changes in ({"note": value}, {"train.epochs": value}, {"metrics.table": ["EN", value]}):
        with pytest.raises(UserError, match=REFUSED):
            apply(Config(), changes)


def test_a_dollar_alone_is_text() -> None:
    assert compose(["note=costs $5 {a}"]).note == apply(Config(), {"note": "costs $5 {a}"}).note == "costs $5 {a}"


def test_the_presets_need_no_resolver() -> None:
    assert not [path for path in PRESETS.rglob("*.yaml") if "${" in path.read_text(encoding="utf-8")]
