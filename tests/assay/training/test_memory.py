"""The most memory that was held is this program's own."""

import subprocess
import sys

import numpy as np
import torch

from assay.training.memory import peak_memory

CPU = torch.device("cpu")
TOLD = "import torch; from assay.training.memory import peak_memory; print(peak_memory(torch.device('cpu')))"


def test_a_program_does_not_count_what_held_the_one_that_started_it() -> None:
    alone = _told()
    held = np.ones(alone + (400 << 20), np.uint8)
    assert peak_memory(CPU) > held.nbytes
    assert _told() < held.nbytes


def test_what_was_held_and_given_back_is_counted() -> None:
    before = peak_memory(CPU)
    size = before + (200 << 20)
    np.ones(size, np.uint8)
    assert peak_memory(CPU) > size


def _told() -> int:
    return int(subprocess.run([sys.executable, "-c", TOLD], capture_output=True, text=True, check=True).stdout)
