"""The paper's numbers, by the names that are used here, and what published images give beside them."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from smfnet.cli.evaluate import main
from smfnet.methods.in_print import printed_numbers

KEPT = Path(__file__).parents[3] / "results" / "table1"


def test_methods_and_sets_have_their_rows() -> None:
    numbers = printed_numbers(["TNO", "VIFB", "Harvard MRI and PET"], ["pmgi", "SMFNet", "Mine", "U2Fusion"])
    assert numbers["TNO", "pmgi", "EN"] == 6.9519
    assert numbers["TNO", "SMFNet", "Qabf"] == 0.584  # the paper's "Ours"
    assert numbers["Harvard MRI and PET", "U2Fusion", "MI"] == 1.3879
    assert {(group, method) for group, method, _ in numbers if method == "Mine" or group == "VIFB"} == set()


@pytest.mark.shared
def test_pmgi_on_tno_is_the_papers_row_and_what_is_kept_is_what_comes_out(
    shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = shared / "data"
    words = ["--data", "tno", f"--root={data}", "--fused", f"PMGI={data / 'fused' / 'PMGI'}", "--workers=1"]
    assert main([*words, f"--csv={tmp_path / 'now.csv'}"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "PMGI, TNO: 8 of 8 printed numbers within 0.5 %, over 25 images as in print" in said
    now = _of_pmgi(tmp_path / "now.csv")
    kept = _of_pmgi(KEPT / "tno_roadscene.csv")
    assert now.keys() == kept.keys()
    assert len(now) == 25
    for name, values in now.items():
        assert values == pytest.approx(kept[name], rel=1e-6), name
    printed = printed_numbers(["TNO"], ["PMGI"])
    assert len(printed) == 8
    for (_, _, metric), value in printed.items():
        assert sum(each[metric] for each in now.values()) / 25 == pytest.approx(value, rel=0.005), metric


def _of_pmgi(file: Path) -> dict[str, dict[str, float]]:
    with open(file, newline="", encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if (row["data"], row["method"]) == ("TNO", "PMGI")]
    about = ("data", "method", "name", "compared")
    return {row["name"]: {key: float(text) for key, text in row.items() if key not in about} for row in rows}
