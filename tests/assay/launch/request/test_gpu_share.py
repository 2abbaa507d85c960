"""How many trials share a GPU where nobody said so."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.cluster.slots import slots_of
from assay.config.cluster import ClusterConfig
from assay.config.errors import UserError
from assay.launch.request.configuration import configuration
from assay.launch.request.gpu_share import GPUShare
from assay.stage import Cost
from smfnet.study import SMFNetStudy, study

GIB = 2**30


def test_as_many_as_keep_it_busy_while_memory_suffices() -> None:
    stages = [Cost(0.1, 2 * GIB, busy=0.3), Cost(0.1, 3 * GIB, busy=0.5)]
    assert GPUShare.of(stages, 80 * GIB).trials == 4  # the hungrier stage counts: 1 / (0.5 * 0.5)
    assert GPUShare.of(stages, 16 * GIB).trials == 2  # 0.9 * 16 / (3 + 2)
    assert GPUShare.of([Cost(0.1, GIB, busy=1.0)], 80 * GIB).trials == 2


@given(trials=st.integers(1, 90))
def test_exactly_so_many_fit_on_one(trials: int) -> None:
    gpus = GPUShare(trials, trials, 0.5).gpus
    assert slots_of([{"CPU": 1000, "GPU": 1}], ClusterConfig(gpus=gpus), gpu=True) == trials


def test_where_no_trial_fits_that_is_said_before_anything_starts() -> None:
    with pytest.raises(UserError, match=r"about 12\.0 GiB of the GPU, of which 8\.0 are free"):
        GPUShare.of([Cost(0.1, 10 * GIB)], 8 * GIB)


def test_null_has_a_few_steps_of_every_stage_tried_and_says_what_came_of_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tried: list[str] = []

    def probe(self: SMFNetStudy, config: object, stage: object) -> Cost:
        tried.append(stage.kind)  # type: ignore[attr-defined]
        return Cost(0.1, 4 * GIB, busy=0.4)

    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setattr("torch.cuda.mem_get_info", lambda: (79 * GIB, 80 * GIB))
    monkeypatch.setattr(SMFNetStudy, "probe", probe)
    config, _ = configuration(study(), ["cluster.gpus=null"])
    assert tried == ["stage1", "stage2"]
    assert config.cluster.gpus == 0.2
    said = "cluster.gpus=0.2: 5 trial(s) a GPU; there is memory for 11, and one keeps the GPU busy for 40% of a"
    assert said in capsys.readouterr().err
    assert configuration(study(), ["cluster.gpus=0.5"])[0].cluster.gpus == 0.5
    assert len(tried) == 2


def test_without_a_gpu_there_is_nothing_to_try(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert configuration(study(), ["cluster.gpus=null"])[0].cluster.gpus is None
    assert ClusterConfig(gpus=None).gpus_each == 1.0
    monkeypatch.setattr("assay.cluster.check_answers", lambda address: None)
    monkeypatch.setattr("assay.cluster.cluster_device", lambda address: "cuda")
    with pytest.raises(UserError, match=r"this machine, which has none.*cluster\.gpus=0\.25"):
        configuration(study(), ["cluster.gpus=null"], address="ray://head")
