"""From one call in Python to a run, and to a search; what did not come is warned of."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
import torch

import assay

pytestmark = pytest.mark.slow  # Ray starts


def test_an_ablation_in_one_call(line_study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = assay.ablate("line.py", rows=["ours", "no_bias"], output="run", **{"optim.lr": 0.02})
    assert run.table().index.tolist() == ["ours", "no_bias"]
    assert run.record.command == (
        "assay.ablate('line.py', rows=['ours', 'no_bias'], output='run', **{'optim.lr': 0.02})",
    )
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("finished in") == 4
    network = run.network("no_bias", 2026)
    assert network[1].bias is None
    assert run.seeds("no_bias") == [2025, 2026]
    assert run.config("no_bias").optim.lr == 0.02
    with pytest.raises(assay.UserError, match=r"unknown row 'no_bais'. Did you mean no_bias"):
        run.config("no_bais")
    with pytest.raises(assay.UserError, match="which study is it"):
        assay.load_run("run").config("ours")
    x = torch.linspace(-1, 1, 5)[:, None]
    expected = (network(x) - 2 * x - 3).abs().flatten().detach().numpy()
    found = run.measurements().query("row == 'no_bias' and seed == 2026").sort_values("sample")["value"]
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    assay.ablate("line.py", rows=["ours", "no_bias"], output="run", progress=False, **{"optim.lr": 0.02})
    assert capsys.readouterr() == ("", "")
    assert assay.report(run) == Path("run/report.html")


def test_a_design_in_one_call(line_study: Path) -> None:
    run = assay.ablate("line.py", design="shapley", seeds=2, output="run", progress=False)
    assert run.record.command == ("assay.ablate('line.py', seeds=2, output='run', design='shapley')",)
    effects = run.effects().set_index("effect")
    assert effects.index.tolist() == ["bias", "not “twice as wide”", "all together"]
    assert effects.loc["all together", "estimate"] == pytest.approx(effects["estimate"].iloc[:2].sum(), abs=1e-12)
    means = run.table()["error"]
    assert effects.loc["all together", "estimate"] == pytest.approx(means["ours"] - means["no_bias+wide"], abs=1e-12)
    assert "Parts together" in assay.report(run).read_text(encoding="utf-8")


def test_a_row_that_fails_is_warned_of(line_study: Path) -> None:
    with pytest.warns(UserWarning, match=r"(?s)2 of 4 trials did not finish\nwide-seed2025: failed; .*wide-seed2026"):
        run = assay.ablate("line.py", rows=["ours", "wide"], progress=False, note="x", suite=_suite(line_study))
    assert run.unfinished[0] == "2 of 4 trials did not finish"
    assert run.table("n_seeds")["error"].tolist() == [2, 0]


def _suite(study: Path) -> str:
    """A suite in which `wide` diverges."""
    path = study.with_name("wild.yaml")
    path.write_text("rows: {ours: {}, wide: {changes: {optim.lr: 1e30}}}\n")
    return str(path)


def test_a_run_keeps_the_margins_of_its_suite(line_study: Path) -> None:
    path = line_study.with_name("strict.yaml")
    path.write_text("rows: {ours: {}}\nmargins: {error: 0.25}\n")
    assert [metric.margin for metric in assay.plan("line.py", suite=str(path)).record.metrics] == [0.25]


def test_a_search_in_one_call(line_study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ranges = {"lr": (1e-3, 1e-1, "log")}
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        found = assay.search("line.py", ranges, trials=3, prune=False, confirm=2, output="found")
    assert capsys.readouterr().out == ""
    assert found.trials["state"].tolist() == ["finished"] * 3
    best = found.trials.sort_values("error").iloc[0]
    assert found.best == {"lr": best["lr"]}
    assert 1e-3 <= found.best["lr"] <= 1e-1
    assert f"optim.lr: {best['lr']}" in found.best_config.read_text()
    assert found.confirmation is not None
    assert found.confirmation.table("n_seeds")["error"].unique().tolist() == [2]
    again = assay.load_run("found", study="line.py")
    assert isinstance(again, assay.SearchRun)
    assert again.unfinished == []
    assert "best on the validation split" in str(again)
    assert "assay.search('line.py', {'lr': (0.001, 0.1, 'log')}" in Path("found/best.yaml").read_text()
    assert assay.report(found) == Path("found/report.html")
    fixed = assay.plan("line.py", base=found.best_config, rows=["ours"])
    assert fixed.config.optim.lr == pytest.approx(found.best["lr"], rel=1e-12)
