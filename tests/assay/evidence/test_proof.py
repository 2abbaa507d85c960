"""Whether each row ablated something."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from assay.config.errors import UserError
from assay.evidence.network_difference import beyond, parts_of
from assay.evidence.proof import Proof, proof_of
from assay.experiment.suite import load_suite
from assay.store.run.folder import RowRecord, RunFolder

MakeRun = Callable[..., RunFolder]


@pytest.fixture(scope="module")
def proof(whole_run: RunFolder) -> Proof:
    return proof_of(whole_run)


def test_there_is_a_line_for_every_trained_row(whole_run: RunFolder, proof: Proof) -> None:
    assert list(proof.data["row"]) == [row.name for row in whole_run.record.rows if not row.baseline]
    assert (proof.data["n_seeds"] == 3).all()
    assert proof.notes == ()


def test_a_removed_part_is_named_and_counted(proof: Proof) -> None:
    lines = proof.data.set_index("row")
    assert lines.loc["no_graph", ["removed", "parts_removed", "added", "parts_added"]].tolist() == [300, "graph", 0, ""]
    assert lines.loc["ours", ["parameters", "added", "removed"]].tolist() == [1800, 0, 0]
    assert lines.loc["no_graph", "parameters"] == 1500


def test_changes_are_told_from_the_bases_value_to_the_rows(make_run: MakeRun) -> None:
    run = make_run()
    run.write_config("train: {stage1_epochs: 40}\ngraph: {enabled: true}\nloss: {stage2: {decomp_terms: [D, G]}}\n")
    changes = proof_of(run).data.set_index("row")["changes"]
    assert changes["one_stage"] == "train.stage1_epochs: 40 -> 0"
    assert changes["no_graph"] == "graph.enabled: true -> false; loss.stage2.decomp_terms: [D, G] -> [D]"
    assert changes["ours"] == ""


def test_figures_are_means_over_seeds(proof: Proof) -> None:
    line = proof.data.set_index("row").loc["ours"]
    assert line["seconds_stage1"] == 0.25
    assert line["seconds_stage2"] == pytest.approx(0.4)
    assert line["flops_stage2"] == 1_500_000_000
    outputs = proof.outputs.set_index(["row", "branch"])["change"]
    assert outputs["ours", "graph"] == pytest.approx(2.5)
    assert ("no_graph", "graph") not in outputs.index


def test_every_term_has_its_share_of_value_and_gradient(proof: Proof) -> None:
    terms = proof.terms.set_index(["row", "stage", "term"])
    assert terms.loc[("ours", "stage1", "semantic"), ["value_share", "gradient_share"]].tolist() == [0.5, 0.5]
    assert terms.loc[("cai_to_inn", "stage1", "semantic"), "gradient_share"] == 0


def test_a_term_without_gradient_and_weights_like_ours_raise_alarms(proof: Proof) -> None:
    alarms = {(line.row, line.alarm): line.seeds for line in proof.alarms.itertuples()}
    assert alarms == {
        ("cai_to_inn", "stage1: the term semantic has no gradient"): (0, 1, 2),
        ("swap_fusion", "its weights equal those of ours under the same seed"): (0, 1, 2),
    }


def test_a_change_to_the_value_that_ours_has_raises_an_alarm(make_run: MakeRun) -> None:
    run = make_run(rows=["ours", "swap_fusion"])
    run.write_config("fuse: {swap: true}\n")
    assert "fuse.swap is true in ours too: no change" in set(proof_of(run).alarms["alarm"])


def test_rows_without_a_finished_trial_are_named(make_run: MakeRun) -> None:
    proof = proof_of(make_run(failed=["no_graph"], pending=["one_stage"]))
    assert proof.notes == ("No finished trial with a proof: w/o two stage training, w/o GNN.",)
    lines = proof.data.set_index("row")
    assert np.isnan(lines.loc["no_graph", "parameters"])
    assert lines.loc["no_graph", "n_seeds"] == 0


def test_without_the_base_nothing_can_be_told_apart_from_it(make_run: MakeRun) -> None:
    proof = proof_of(make_run(pending=["ours"]))
    assert proof.data["added"].isna().all()
    assert any("Without a proof of ours" in note for note in proof.notes)
    assert not any("weights" in alarm for alarm in proof.alarms["alarm"])


def test_a_run_that_has_just_begun_has_no_figures(make_run: MakeRun) -> None:
    rows = ["ours", "no_graph"]
    proof = proof_of(make_run(rows=rows, pending=rows))
    assert proof.terms.empty
    assert proof.alarms.empty
    assert list(proof.data["row"]) == ["no_graph", "ours"]


def test_a_run_without_a_configuration_tells_the_rows_values_alone(make_run: MakeRun) -> None:
    run = make_run()
    (run.folder / "config.yaml").unlink()
    assert proof_of(run).data.set_index("row").loc["swap_fusion", "changes"] == "fuse.swap: missing -> true"


@pytest.mark.parametrize("name", ["proof/ours-seed0.json", "config.yaml"])
def test_a_damaged_file_is_named(make_run: MakeRun, name: str) -> None:
    run = make_run()
    (run.folder / name).write_text("{")
    with pytest.raises(UserError, match=name.split("/")[0]):
        proof_of(run)


def test_a_proof_of_an_earlier_version_is_used_as_far_as_it_goes(make_run: MakeRun) -> None:
    run = make_run(rows=["ours", "no_graph"], seeds=1)
    for row in ("ours", "no_graph"):
        run.write_proof(f"{row}-seed0", {"parameters": {"enc": 5}, "alarms": []})
    lines = proof_of(run).data.set_index("row")
    assert lines.loc["no_graph", "parameters"] == 5
    assert np.isnan(lines.loc["no_graph", "removed"])


def test_trials_of_an_earlier_plan_do_not_count(make_run: MakeRun) -> None:
    run = make_run(seeds=2)
    record = run.record
    run.write_record(replace(record, trials=tuple(trial for trial in record.trials if trial.seed == 0)))
    assert (proof_of(run).data["n_seeds"] == 1).all()


def test_parameters_of_another_shape_count_as_others() -> None:
    assert beyond({"a.weight": [2, 3], "b.weight": [1]}, {"a.weight": [2, 4], "b.weight": [1]}) == {"a.weight": [2, 3]}


def test_the_largest_new_module_is_named() -> None:
    other = ["enc.base.stem.weight", "dec.out.weight"]
    new = ["enc.base.tail.0.weight", "enc.base.tail.0.bias", "graph.fuse.weight", "dec.out.bias"]
    assert parts_of(new, other) == ["enc.base.tail", "graph", "dec.out.bias"]


@pytest.mark.shared
def test_a_row_that_changes_nothing_is_an_alarm(make_run: MakeRun, shared: Path) -> None:
    suite = load_suite(str(shared / "cases" / "suite" / "same.yaml"))
    run = make_run(rows=("ours",), baselines=False)
    rows = tuple(RowRecord(variant.name, variant.title, None, variant.changes) for variant in suite.variants)
    run.write_record(replace(run.record, rows=rows))
    run.write_config("optim: {lr: 0.0001}\n")
    alarms = proof_of(run).alarms
    assert list(alarms["alarm"]) == ["optim.lr is 0.0001 in ours too: no change"]
