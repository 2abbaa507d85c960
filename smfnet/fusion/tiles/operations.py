"""What an operation does to the pixels of an image: to each by itself, to those around it, or to all of them."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.fx import Node

from assay.config.errors import UserError

__all__ = ["Axes", "Pixels", "is_mean", "is_view", "run"]

aten = torch.ops.aten

Axes = tuple[str | None, ...]  # of a tensor: H, W, HW (both in one), PADDED, or None for an axis that is not of pixels
PADDED = "padded"

_VIEWS = {
    *(aten.flatten.using_ints, aten.unflatten.int, aten.view.default, aten.reshape.default),
    *(aten.transpose.int, aten.permute.default),
}
_ALONE = {  # every pixel by itself, although PyTorch does not call them pointwise
    *_VIEWS,
    *(aten.cat.default, aten.chunk.default, aten.split.Tensor, operator.getitem, aten.unsqueeze.default),
    *(aten.contiguous.default, aten.clone.default, aten.relu6.default, aten.prelu.default, aten.alias.default),
    *(aten.leaky_relu.default, aten.hardswish.default),  # pointwise from torch 2.12 on
    *(aten.batch_norm.default, aten.pad.default, aten.select.int, aten.stack.default, aten.detach_.default),
}
_MEANS = (aten.mean.dim, aten.mean.default)
_SUMS = (aten.sum.dim_IntList, aten.sum.default, *_MEANS)
_PRODUCTS = (aten.bmm.default, aten.matmul.default)
_OF_SIZES = (*_VIEWS, aten.expand.default)  # may take height and width as arguments


class Pixels:
    """Which axes of the tensors of a graph are of pixels.

    Args:
        image: a node whose tensor is (1, 1, H, W).
    """

    def __init__(self, image: Node) -> None:
        height, width = (size.node.expr for size in image.meta["val"].shape[2:])
        self._names = {height: "H", width: "W", height * width: "HW"}
        self._sides = (height, width)
        self._axes: dict[Node, Axes] = {}

    def axes(self, node: Node) -> Axes:
        """Of a node's tensor; of several the first's."""
        if node not in self._axes:
            self._axes[node] = self._found(node)
        return self._axes[node]

    def _found(self, node: Node) -> Axes:
        value = node.meta.get("val")
        value = value[0] if isinstance(value, tuple | list) else value
        return tuple(map(self._axis, value.shape)) if isinstance(value, Tensor) else ()

    def of_size(self, node: Node) -> str | None:
        """`H`, `W` or `HW` if the node is such a number."""
        value = node.meta.get("val")
        return self._names.get(value.node.expr) if isinstance(value, torch.SymInt) else None

    def _axis(self, size: Any) -> str | None:
        if not isinstance(size, torch.SymInt):
            return None
        expression = size.node.expr
        padded = any((expression - side).is_number for side in self._sides)
        name = self._names.get(expression, PADDED if padded else "?")
        return None if expression.is_number else name

    def spatial(self, node: Node) -> bool:
        """Whether it holds something of every pixel.

        Raises:
            UserError: of every row alone, say, or at another resolution.
        """
        held = {axis for axis in self.axes(node) if axis}
        if held and held not in ({"H", "W"}, {"HW"}, {PADDED}, {PADDED, "W"}, {"H", PADDED}):
            raise _unknown(node)
        return bool(held)

    def sums(self, node: Node) -> bool:
        """Whether it has nothing of any pixel alone: a sum or mean over all of them, if it can be taken in parts."""
        inputs = [each for each in node.all_input_nodes if self.spatial(each)]
        return bool(inputs) and isinstance(node.meta.get("val"), Tensor) and not self.spatial(node)

    def radius(self, node: Node) -> int:
        """How far away the pixels are that a pixel of the result depends on.

        Raises:
            UserError: on all of them, or nobody knows.
        """
        target = _plain(node.target)
        if self.sums(node):
            if target in _SUMS or (target in _PRODUCTS and self._over_pixels(node)):
                return 0
            raise _unknown(node)
        if target is aten.conv2d.default:
            return _reach(node)
        if target in (aten.layer_norm.default, aten.softmax.int):
            whole = len(node.args[1]) if target is aten.layer_norm.default else 1  # type: ignore[arg-type]
            axes = self.axes(node)[-whole:] if whole > 1 or target is aten.layer_norm.default else ()
            at = self.axes(node)[int(node.args[1])] if target is aten.softmax.int else None  # type: ignore[arg-type]
            known = not any(axes) and at is None
        elif target in _PRODUCTS:
            known = not self._over_pixels(node)
        else:
            known = target in _ALONE or (hasattr(target, "tags") and torch.Tag.pointwise in target.tags)
        if not known or (target not in _OF_SIZES and any(map(self.of_size, node.all_input_nodes))):
            raise _unknown(node)
        return 0

    def _over_pixels(self, product: Node) -> bool:
        """Whether the axis that is summed over is of pixels."""
        first = product.args[0]
        return isinstance(first, Node) and self.axes(first)[-1] == "HW"


def is_mean(node: Node) -> bool:
    """Whether it is a sum over pixels divided by their number."""
    return node.target in _MEANS


def is_view(node: Node) -> bool:
    """Whether it costs nothing."""
    return node.target in _VIEWS


def run(node: Node, values: Sequence[Any], named: dict[str, Any]) -> Any:
    """Carry the operation out; one in place gives a new tensor."""
    return _plain(node.target)(*values, **named)


def _plain(target: Any) -> Any:
    """The operation, or of one in place the one that is not."""
    if not isinstance(target, torch._ops.OpOverload) or not target._schema.is_mutable:
        return target
    return getattr(getattr(aten, target.overloadpacket.__name__.removesuffix("_")), target._overloadname)


def _reach(conv: Node) -> int:
    """Of a convolution with stride 1."""
    given = dict(zip(("input", "weight", "bias", "stride", "padding", "dilation", "groups"), conv.args, strict=False))
    if any(step != 1 for step in given.get("stride", (1,))):  # type: ignore[union-attr]
        raise _unknown(conv)
    kernel = conv.args[1].meta["val"].shape[2:]  # type: ignore[union-attr]
    dilation = (*given.get("dilation", (1, 1)),) * 2  # type: ignore[misc]
    return max(int(step) * (int(side) - 1) // 2 for step, side in zip(dilation, kernel, strict=False))


def _unknown(node: Node) -> UserError:
    return UserError(f"the network computes {node.target} over the image, which cannot be done tile by tile")
