"""The whole network gives the reference's features and images."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from smfnet.model import SMFNet

pytestmark = [pytest.mark.shared, pytest.mark.slow]

FEATURES = ("v_shallow", "i_shallow", "v_base", "i_base", "v_detail", "i_detail")
FUSED_FEATURES = ("g", "g_i", "g_v", "f_base", "f_detail")


@pytest.mark.parametrize("mode", ["train", "eval"])
@torch.no_grad()
def test_images_and_features_are_the_references(formula_network: SMFNet, golden: dict[str, Tensor], mode: str) -> None:
    network = formula_network.train(mode == "train")
    images, features = _run(network, golden["I"], golden["V"])
    for name, image in images.items():
        torch.testing.assert_close(
            image, golden[f"{mode}.{name}"], rtol=0, atol=1e-9, msg=lambda m, n=name: f"{n}: {m}"
        )
    for name, feature in features.items():
        expected = golden[f"{mode}.{name}"].double()
        error = (feature - expected).abs().max() / expected.abs().max()
        assert error < 1e-6, name


def _run(network: SMFNet, ir: Tensor, vi: Tensor) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Everything that the golden file holds, by its names there."""
    features: dict[str, Tensor] = {}
    handles = [
        network.graph.register_forward_hook(lambda _, inputs, output: features.update(g=output.fused)),
        network.base_fuse.register_forward_hook(lambda _, inputs, output: features.update(f_base=output)),
        network.detail_fuse.register_forward_hook(lambda _, inputs, output: features.update(f_detail=output)),
    ]
    fusion, reconstruction = network.stage2(ir, vi), None
    for handle in handles:
        handle.remove()
    reconstruction = network.stage1(ir, vi)
    features |= {
        "i_shallow": network.enc.shallow_features(ir),
        "v_shallow": network.enc.shallow_features(vi),
        "i_base": fusion.base_ir,
        "v_base": reconstruction.base_vi,
        "i_detail": reconstruction.detail_ir,
        "v_detail": fusion.detail_vi,
        "g_i": fusion.graph_ir,
        "g_v": reconstruction.graph_vi,
    }
    assert set(features) == {*FEATURES, *FUSED_FEATURES}
    images = {"s1.i_rec": reconstruction.ir_hat, "s1.v_rec": reconstruction.vi_hat, "s2.fused": fusion.fused}
    return images, features
