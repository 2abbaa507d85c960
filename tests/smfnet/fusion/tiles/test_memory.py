"""Sizes as they are typed, and a count of what tensors hold that needs no memory itself."""

from __future__ import annotations

import pytest
import torch

from assay.config.errors import UserError
from smfnet.fusion.tiles.memory import bytes_of, free_memory, held, most_held, shown


@pytest.mark.parametrize(
    ("text", "size"),
    [("4GiB", 4 << 30), ("4g", 4 << 30), ("900 MB", 900 << 20), ("1.5K", 1536), ("123456", 123456), ("1TiB", 1 << 40)],
)
def test_a_size_is_read(text: str, size: int) -> None:
    assert bytes_of(text, "--memory") == size


@pytest.mark.parametrize("text", ["", "0", "-1G", "much", "4 GiBi", "nan", "1e9"])
def test_what_is_no_size_is_told(text: str) -> None:
    with pytest.raises(UserError, match="--memory: expected a size such as 4GiB"):
        bytes_of(text, "--memory")


def test_a_size_is_shown_in_a_unit_that_is_read_at_once() -> None:
    assert (shown(4 << 30), shown(900 << 20)) == ("4.0 GiB", "900 MiB")


def test_the_most_that_is_held_at_one_time_is_counted() -> None:
    image = torch.empty(1000, 250, device="meta")  # a million bytes

    def work() -> None:
        first = image + 1
        second = first * 2
        del first
        second.view(500, 500).t()  # the same memory
        second = second + 1

    assert most_held(work) == 2_000_000


def test_this_machine_has_memory_and_this_process_holds_some() -> None:
    assert free_memory(torch.device("cpu")) > 1 << 20
    assert held() >= 0
