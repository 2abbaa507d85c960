"""What each kind of stage minimises."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from assay.training.term import total
from smfnet.config.loss import GramConfig, JointConfig
from smfnet.config.model import NetworkConfig
from smfnet.config.root import Config
from smfnet.model import build
from smfnet.training.forward import stage_terms
from smfnet.training.stage import JOINT, STAGE1, STAGE2, Stage

SMALL = Config(network=NetworkConfig(width=4, heads=2))
RECONSTRUCTION = {"ssim_ir", "ssim_vi", "grad_ir", "grad_vi", "gram", "semantic", "decomposition", "tv"}
FUSION = {"intensity", "gradient", "decomposition"}


@pytest.mark.parametrize(
    ("kind", "joint", "names", "trained"),
    [
        (STAGE1, "stage2", RECONSTRUCTION, {"enc", "dec", "graph"}),
        (STAGE2, "sum", FUSION, {"enc", "dec", "graph", "base_fuse", "detail_fuse"}),
        (JOINT, "stage2", FUSION, {"enc", "dec", "graph", "base_fuse", "detail_fuse"}),
        (
            *(JOINT, "sum", {f"stage1.{name}" for name in RECONSTRUCTION} | {f"stage2.{name}" for name in FUSION}),
            {"enc", "dec", "graph", "base_fuse", "detail_fuse"},
        ),
    ],
)
@pytest.mark.parametrize("gram", ["image", "features"])
def test_terms_and_the_parts_that_they_train(
    kind: str, joint: str, names: set[str], trained: set[str], gram: str
) -> None:
    loss = replace(SMALL.loss, joint=JointConfig(form=joint), gram=GramConfig(input=gram))
    network = build(SMALL.model, seed=0)
    ir, vi = torch.rand(2, 2, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    terms = stage_terms(Stage(kind, replace(SMALL, loss=loss), 0), network, ir, vi)
    assert terms.keys() == names
    total(terms).backward()
    moved = {name for name, part in network.parts().items() if any(p.grad is not None for p in part.parameters())}
    assert moved == trained
