"""In which order a network is computed tile by tile: up to sums over all pixels, and on once these are known.

A level is what can be computed when the sums of the levels before it are known. Attention between channels has two
norms and a product over all pixels, so SMFNet has about as many levels as attentions in a row; between these an
image's tensors are kept whole.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from torch import Tensor
from torch.export import ExportedProgram
from torch.export.graph_signature import InputKind
from torch.fx import Node

from assay.config.errors import UserError
from smfnet.fusion.tiles.operations import Pixels, aten, is_view

__all__ = ["Level", "Levels"]

_POINTWISE_COST = 8  # multiplications of a convolution that take as long as one value of any other operation


@dataclass(frozen=True)
class Level:
    """What is done to every tile before the next sums are known.

    Attributes:
        once: operations on small tensors, before the tiles.
        each: operations on every tile, in order.
        loads: kept tensors, and images, that tiles are cut from.
        keeps: tensors of `each` that a later level needs.
        sums: sums of `each` over all pixels.
        drops: kept tensors that no later level needs.
        halo: pixels around a tile that it has to be computed with.
    """

    once: tuple[Node, ...]
    each: tuple[Node, ...]
    loads: tuple[Node, ...]
    keeps: tuple[Node, ...]
    sums: frozenset[Node]
    drops: tuple[Node, ...]
    halo: int

    @cached_property
    def work(self) -> float:
        """How long a pixel takes, in a unit of its own."""
        return sum(_cost(node) for node in self.each if not is_view(node))

    @cached_property
    def last_use(self) -> dict[Node, tuple[Node, ...]]:
        """Which tensors are not needed after an operation."""
        last = {used: node for node in self.each for used in node.all_input_nodes}
        gone: dict[Node, list[Node]] = {}
        for used, node in last.items():
            gone.setdefault(node, []).append(used)
        return {node: tuple(each) for node, each in gone.items()}


class Levels:
    """The levels of a network.

    Args:
        program: its graph.

    Raises:
        UserError: it does something over the whole image that is not a sum.
    """

    def __init__(self, program: ExportedProgram) -> None:
        graph = program.graph_module.graph
        nodes = [node for node in graph.nodes if node.op in ("placeholder", "call_function")]
        by_name = {node.name: node for node in nodes}
        inputs = program.graph_signature.input_specs
        self.images = tuple(by_name[each.arg.name] for each in inputs if each.kind is InputKind.USER_INPUT)
        self.constants = {
            by_name[each.arg.name]: _constant(program, str(each.target))
            for each in inputs
            if each.kind is not InputKind.USER_INPUT
        }
        (self.result,) = graph.output_node().all_input_nodes
        self.pixels = Pixels(self.images[0])
        self.levels = self._divided(nodes)

    def kept_bytes(self) -> float:
        """Most bytes a pixel of the whole image that are kept between levels."""
        held, most = 0.0, 0.0
        for level in self.levels:
            held += sum(_bytes(node) for node in level.keeps)
            most = max(most, held)
            held -= sum(_bytes(node) for node in level.drops)
        return most

    def _divided(self, nodes: list[Node]) -> tuple[Level, ...]:
        order = {node: number for number, node in enumerate(nodes)}
        spatial = {node for node in nodes if self.pixels.spatial(node)}
        sums = {node for node in nodes if node.op == "call_function" and self.pixels.sums(node)}
        sizes = {node for node in nodes if self.pixels.of_size(node)}
        self.sizes = [(node, str(self.pixels.of_size(node))) for node in nodes if node in sizes]
        at = self._numbers(nodes, sums)
        self._check(spatial | sums)
        needed: list[tuple[set[Node], set[Node]]] = []
        kept = {self.result}
        for number in reversed(range(max(at.values()) + 1)):
            targets = [node for node in (*sums, *kept) if at[node] - (node in sums) == number]
            each, loads = _needed(targets, number, at, spatial | sums, sums)
            kept |= loads - set(self.images)
            needed.insert(0, (each, loads))
        small = [node for node in nodes if node.op == "call_function" and node not in spatial | sums | sizes]
        for node in small:
            if sizes & set(node.all_input_nodes) or not isinstance(node.meta.get("val"), Tensor | tuple | list):
                raise UserError(f"the network computes {node.target} of an image's size: that cannot be done by tiles")
        built = []
        for number, (each, loads) in enumerate(needed):
            later = set().union(*(more for _, more in needed[number + 1 :]), {self.result})
            ordered = tuple(sorted(each, key=order.__getitem__))
            keeps = tuple(node for node in ordered if node in kept and at[node] == number and node not in sums)
            drops = tuple(sorted((loads & kept) - later, key=order.__getitem__))
            once = tuple(node for node in small if at[node] == number)
            here = frozenset(each & sums)
            built.append(
                Level(
                    once, ordered, tuple(sorted(loads, key=order.__getitem__)), keeps, here, drops, self._halo(ordered)
                )
            )
        return tuple(built)

    def _numbers(self, nodes: Iterable[Node], sums: set[Node]) -> dict[Node, int]:
        """Node -> level in which it is known."""
        at: dict[Node, int] = {}
        for node in nodes:
            at[node] = max((at[each] for each in node.all_input_nodes), default=0) + (node in sums)
        return at

    def _check(self, nodes: Iterable[Node]) -> None:
        for node in nodes:
            if node.op != "call_function":
                continue
            self.pixels.radius(node)
            schema = getattr(node.target, "_schema", None)
            changed = node.all_input_nodes[:1] if schema is not None and schema.is_mutable else []
            if any(len(each.users) > 1 for each in changed):
                raise UserError(f"the network changes a tensor in place that it needs again ({node.target})")

    def _halo(self, each: tuple[Node, ...]) -> int:
        reach: dict[Node, int] = {}
        for node in reversed(each):
            beyond = reach.get(node, 0) + self.pixels.radius(node)
            for used in node.all_input_nodes:
                reach[used] = max(reach.get(used, 0), beyond)
        return max(reach.values(), default=0)


def _needed(
    targets: Iterable[Node], number: int, at: dict[Node, int], spatial: set[Node], sums: set[Node]
) -> tuple[set[Node], set[Node]]:
    """What a level computes, and what it loads: of an earlier level, but what costs nothing is done again."""
    each: set[Node] = set()
    loads: set[Node] = set()
    waiting = list(targets)
    while waiting:
        node = waiting.pop()
        if node in each or node in loads or node not in spatial or (node in sums and at[node] <= number):
            continue
        if node.op == "placeholder" or (at[node] < number and not is_view(node)):
            loads.add(node)
        else:
            each.add(node)
            waiting.extend(node.all_input_nodes)
    return each, loads


def _constant(program: ExportedProgram, name: str) -> Tensor:
    tensor = program.state_dict.get(name, program.constants.get(name))
    if not isinstance(tensor, Tensor):
        raise UserError(f"the network has something else than a tensor inside ({name})")
    return tensor.detach()


def _bytes(node: Node) -> float:
    """Of a pixel."""
    value: Tensor = node.meta["val"]
    return math.prod(side for side in value.shape if isinstance(side, int)) * value.element_size()


def _cost(node: Node) -> float:
    value = node.meta.get("val")
    if not isinstance(value, Tensor):
        return 0
    if node.target is aten.conv2d.default:
        weight = node.args[1].meta["val"]  # type: ignore[union-attr]
        return int(value.shape[0]) * math.prod(map(int, weight.shape)) + _POINTWISE_COST * _bytes(node) / 4
    if node.target in (aten.bmm.default, aten.matmul.default):
        return math.prod(side for side in value.shape if isinstance(side, int)) * 64.0
    return _POINTWISE_COST * _bytes(node) / 4
