"""What decides the last bits is set for the length of the work and put back."""

from __future__ import annotations

import pytest
import torch

from assay.config.errors import UserError
from assay.training.precision import autocast, device_of, numeric_mode, of_any_size
from smfnet.config.training import TrainConfig


def _modes() -> tuple[object, ...]:
    backends = torch.backends
    return (
        torch.get_num_threads(),
        backends.cuda.matmul.allow_tf32,
        backends.cudnn.allow_tf32,
        backends.cudnn.deterministic,
        backends.cudnn.benchmark,
        backends.cudnn.enabled,
    )


@pytest.mark.parametrize("tf32", [True, False])
def test_modes_hold_inside_and_come_back_even_after_an_error(tf32: bool) -> None:
    before = _modes()
    threads = torch.get_num_threads() + 1

    def work() -> None:
        with numeric_mode(TrainConfig(threads=threads, tf32=tf32)):
            assert _modes() == (threads, tf32, tf32, True, False, True)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        work()
    assert _modes() == before


def test_cudnn_is_left_out_where_it_would_plan_anew_for_every_size_or_somebody_says_so() -> None:
    before = _modes()
    with of_any_size(TrainConfig(tf32=True)):
        assert _modes()[1:] == (True, True, True, False, False)
    assert _modes() == before
    with numeric_mode(TrainConfig(cudnn=False)):
        assert not torch.backends.cudnn.enabled
    assert _modes() == before


@pytest.mark.parametrize(("bf16", "dtype"), [(True, torch.bfloat16), (False, torch.float32)])
def test_bf16_is_for_what_runs_inside_autocast(bf16: bool, dtype: torch.dtype) -> None:
    with autocast(TrainConfig(bf16=bf16), torch.device("cpu")):
        product = torch.ones(2, 2) @ torch.ones(2, 2)
    assert product.dtype == dtype


def test_a_gpu_that_is_not_there_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert device_of(TrainConfig(device="auto")).type == "cpu"
    with pytest.raises(UserError, match=r"torch finds no GPU here: use train\.device=cpu or auto"):
        device_of(TrainConfig(device="cuda"))


def test_a_gpu_that_is_there_is_taken_unless_the_cpu_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert [device_of(TrainConfig(device=name)).type for name in ("auto", "cuda", "cpu")] == ["cuda", "cuda", "cpu"]
