"""The readings of the semantic loss."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from kornia.losses import lovasz_softmax_loss
from torch import Tensor

from smfnet.config.loss import SemanticConfig
from smfnet.losses.semantic import semantic_loss

MODES = ("binary", "soft_classes")


@pytest.mark.parametrize("per_image", [True, False])
def test_binary_equals_kornia_with_the_mean_as_threshold(image: Callable[..., Tensor], per_image: bool) -> None:
    reconstruction, source = image(3, 6, 8), image(3, 6, 8)
    labels = (source[:, 0] >= source.mean((2, 3))[..., None]).long()
    logits = torch.cat([1 - reconstruction, reconstruction], 1).log()
    if not per_image:
        logits, labels = logits.movedim(0, 1).reshape(1, 2, 3, 48), labels.reshape(1, 3, 48)
    ours = semantic_loss(reconstruction, source, SemanticConfig(per_image=per_image))
    torch.testing.assert_close(ours, lovasz_softmax_loss(logits, labels))


def test_binary_of_a_segmentation_is_one_minus_its_iou() -> None:
    source = torch.zeros(1, 1, 4, 4, dtype=torch.float64)
    source[..., :2, :] = 1  # 8 of 16 pixels
    mask = torch.zeros_like(source)
    mask[..., 1:3, :] = 1  # half of it, one third of the union, of either class
    assert semantic_loss(mask, source, SemanticConfig()).item() == pytest.approx(1 - 4 / 12)
    assert semantic_loss(source, source, SemanticConfig()).item() == 0


def test_soft_classes_equal_kornia_where_every_class_occurs(image: Callable[..., Tensor]) -> None:
    reconstruction, source = image(2, 8, 8), image(2, 8, 8)
    centres = torch.tensor([1 / 6, 1 / 2, 5 / 6], dtype=torch.float64).view(1, 3, 1, 1)
    labels = (source - centres).abs().argmin(1)
    ours = semantic_loss(reconstruction, source, SemanticConfig(mode="soft_classes", classes=3, tau=0.02))
    torch.testing.assert_close(ours, lovasz_softmax_loss(-((reconstruction - centres) ** 2) / 0.02, labels))


def test_the_released_constant_is_the_fraction_of_pixels_that_are_not_0(image: Callable[..., Tensor]) -> None:
    reconstruction, source = image(2, 4, 5).requires_grad_(), image(2, 4, 5).clamp(min=0.1)
    config = SemanticConfig(mode="released")
    assert semantic_loss(reconstruction, source, config).item() == 0
    source[1, :, :2] = 0  # 10 of 40 pixels
    value = semantic_loss(reconstruction, source, config)
    assert value.item() == 0.75
    assert not value.requires_grad
    assert semantic_loss(reconstruction, torch.zeros_like(source), config).item() == 0


@pytest.mark.parametrize("mode", MODES)
def test_a_step_against_the_gradient_lowers_the_loss(image: Callable[..., Tensor], mode: str) -> None:
    reconstruction, source, config = image().requires_grad_(), image(), SemanticConfig(mode=mode)
    before = semantic_loss(reconstruction, source, config)
    before.backward()
    moved = reconstruction.detach() - 0.1 * reconstruction.grad / reconstruction.grad.norm()
    assert semantic_loss(moved, source, config) < before


@pytest.mark.parametrize("threshold", ["mean", "0.5", "otsu"])
@pytest.mark.parametrize("level", [0.0, 0.3, 1.0])
def test_an_image_without_two_regions_asks_for_nothing(
    image: Callable[..., Tensor], threshold: str, level: float
) -> None:
    source, reconstruction = image(2, 6, 6), image(2, 6, 6).requires_grad_()
    source[0] = level
    loss = semantic_loss(reconstruction, source, SemanticConfig(threshold=threshold))
    loss.backward()
    alone = semantic_loss(reconstruction[1:], source[1:], SemanticConfig(threshold=threshold))
    torch.testing.assert_close(loss, alone / 2)
    assert reconstruction.grad[0].abs().max() == 0 < reconstruction.grad[1].abs().max()


def test_off_is_no_reading(image: Callable[..., Tensor]) -> None:
    with pytest.raises(ValueError, match="no semantic loss for the mode 'off'"):
        semantic_loss(image(), image(), SemanticConfig(mode="off"))


@pytest.mark.parametrize("per_image", [True, False])
@pytest.mark.parametrize("mode", MODES)
def test_gradient(image: Callable[..., Tensor], mode: str, per_image: bool) -> None:
    reconstruction, source = image(2, 3, 4).requires_grad_(), image(2, 3, 4)
    config = SemanticConfig(mode=mode, per_image=per_image, tau=0.1)
    assert torch.autograd.gradcheck(lambda x: semantic_loss(x, source, config), reconstruction)
