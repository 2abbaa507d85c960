"""How many trials fit on the machines at once."""

from __future__ import annotations

import pytest

from assay.cluster.slots import slots_of
from assay.config.cluster import ClusterConfig
from assay.config.errors import UserError


@pytest.mark.parametrize(
    ("nodes", "cpus", "gpus", "slots"),
    [
        ([{"CPU": 4}], 1, None, 4),
        ([{"CPU": 4}], 3, None, 1),
        ([{"CPU": 3}, {"CPU": 3}], 2, None, 2),  # the third pair of cores would lie on two machines
        ([{"CPU": 8, "GPU": 2}], 1, 1.0, 2),
        ([{"CPU": 8, "GPU": 2}], 1, 0.25, 8),
        ([{"CPU": 8, "GPU": 2}], 1, 0.4, 4),  # two on each GPU, not five on both
        ([{"CPU": 2, "GPU": 2}], 1, 0.25, 2),
        ([{"CPU": 16, "GPU": 5}], 1, 2.0, 2),
        ([{"CPU": 16}, {"CPU": 4, "GPU": 1}], 1, 0.5, 2),
        ([{"CPU": 30, "GPU": 1}], 1, 0.1, 10),
    ],
)
def test_slots_are_counted_node_by_node(
    nodes: list[dict[str, float]], cpus: int, gpus: float | None, slots: int
) -> None:
    config = ClusterConfig(cpus=cpus, gpus=gpus or 1.0)
    assert slots_of(nodes, config, gpu=gpus is not None) == slots


def test_a_trial_that_fits_nowhere_is_named_with_what_there_is() -> None:
    with pytest.raises(UserError, match=r"a trial asks for 5 CPU cores, but .*at most 4 cores and 0 GPUs"):
        slots_of([{"CPU": 4}, {"CPU": 2}], ClusterConfig(cpus=5), gpu=False)
    with pytest.raises(UserError, match=r"2 CPU cores and 0.5 GPUs, but .*at most 4 cores and 0 GPUs"):
        slots_of([{"CPU": 4}], ClusterConfig(cpus=2, gpus=0.5), gpu=True)
    with pytest.raises(UserError, match="no machine"):
        slots_of([], ClusterConfig(), gpu=False)


def test_one_and_a_half_gpus_are_refused() -> None:
    with pytest.raises(UserError, match=r"cluster.gpus: expected a whole number or a fraction below 1; got 1.5"):
        slots_of([{"CPU": 4, "GPU": 4}], ClusterConfig(gpus=1.5), gpu=True)
