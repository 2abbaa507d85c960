"""What the card itself can do: matrix products and copies, measured."""

from __future__ import annotations

import time
from collections.abc import Callable

import torch

__all__ = ["ceilings"]

REPEATS = 5


def ceilings(product: int, device: torch.device) -> dict[str, float]:
    """TFLOP/s of a product of random square matrices in float32, TF32 and bf16, and TB/s of a copy, read and written.

    Args:
        product: rows of the matrices.
        device: that multiplies.
    """
    matrix = torch.randn(product, product, device=device)
    small = matrix.bfloat16()
    many = matrix.repeat(16, 1)
    work = 2 * product**3 / 1e12
    return {
        "float32_tflops": work / _seconds(lambda: matrix @ matrix),
        "tf32_tflops": work / _seconds(lambda: _in_tf32(matrix)),
        "bf16_tflops": work / _seconds(lambda: small @ small),
        "copy_tb_per_s": 2 * many.numel() * many.element_size() / 1e12 / _seconds(lambda: many.clone()),
    }


def _in_tf32(matrix: torch.Tensor) -> torch.Tensor:
    before = torch.backends.cuda.matmul.allow_tf32
    torch.backends.cuda.matmul.allow_tf32 = True
    try:
        return matrix @ matrix
    finally:
        torch.backends.cuda.matmul.allow_tf32 = before


def _seconds(work: Callable[[], object]) -> float:
    """Of one of `REPEATS` in a row."""
    work()
    _wait()
    began = time.perf_counter()
    for _ in range(REPEATS):
        work()
    _wait()
    return (time.perf_counter() - began) / REPEATS


def _wait() -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize()
