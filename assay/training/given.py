"""What the methods of a study gave: each is looked at before it is used, and what is wrong with it is one line.

Nothing here decides a number, and a change of it has nothing trained again.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from numbers import Real
from typing import Any

from torch import Tensor, nn

from assay.config.errors import UserError, one_line
from assay.stage import Diverged
from assay.training.recipe import Batch
from assay.training.term import Term

__all__ = ["batches_given", "measured_given", "network_given", "output_given", "tensors_given", "terms_given"]

_TABLE = "expected {sample: {metric: value}}, or {metric: value} of the whole split"
_TERMS = "expected {name: value}, or {name: (value, weight)}, each value a tensor of one number"
_BATCHES = "give a list, a DataLoader, or assay.Shuffled(...)"


def network_given(made: Any) -> nn.Module:
    """What `build` gave.

    Raises:
        UserError: it is no module.
    """
    if isinstance(made, nn.Module):
        return made
    raise UserError(f"build() gave {_told(made)}: expected a torch.nn.Module{_forgotten(made)}")


def batches_given(made: Any) -> Any:
    """What `batches` gave for an epoch: it has a length, and that is not 0.

    Raises:
        UserError: it is something else.
    """
    if isinstance(made, Tensor | Mapping | str):
        raise UserError(f"batches() gave {_told(made)}: expected the batches of an epoch; {_BATCHES}")
    if not hasattr(made, "__len__") or not hasattr(made, "__iter__"):
        raise UserError(f"batches() gave {_told(made)}, which has no len(): {_BATCHES}{_forgotten(made)}")
    if not len(made):
        raise UserError("batches() gave no batch: there is nothing to train on")
    return made


def tensors_given(batch: Any) -> Sequence[Tensor]:
    """A batch of `batches`, as a sequence of tensors.

    Raises:
        UserError: it is none.
    """
    tensors = (batch,) if isinstance(batch, Tensor) else tuple(batch) if isinstance(batch, list | tuple) else ()
    if not tensors or not all(isinstance(each, Tensor) for each in tensors):
        got = ", ".join(map(_told, tensors)) or _told(batch)
        raise UserError(f"a batch of batches(): expected a tuple of tensors; got {got}")
    if not tensors[0].dim():
        raise UserError("a batch of batches(): its first tensor has no dimension: expected one that counts samples")
    return tensors


def terms_given(made: Any) -> dict[str, Term]:
    """What `terms` gave.

    Raises:
        UserError: it names no values.
    """
    if not isinstance(made, Mapping) or not made:
        raise UserError(f"terms() gave {_told(made)}: {_TERMS}{_forgotten(made)}")
    terms = {name: _term(name, each) for name, each in made.items()}
    if unnamed := [name for name in terms if not isinstance(name, str)]:
        raise UserError(f"terms() gave the name {_told(unnamed[0])}: {_TERMS}")
    return terms


def _term(name: Any, made: Any) -> Term:
    value, weight = made if isinstance(made, tuple) and len(made) == 2 else (made, 1.0)
    if not isinstance(value, Tensor) or value.dim():
        raise UserError(f"terms(): {name} is {_told(made)}: {_TERMS}")
    if not isinstance(weight, Real):
        raise UserError(f"terms(): the weight of {name} is {_told(weight)}: expected a number")
    return Term(value, float(weight))


def output_given(
    output: Callable[[nn.Module, Sequence[Tensor]], Any],
) -> Callable[[nn.Module, Sequence[Tensor]], Tensor]:
    """A study's `output`, whose result is looked at.

    Raises:
        UserError: when it is called, if it fails or gives no tensor.
    """

    def looked_at(network: nn.Module, batch: Batch) -> Tensor:
        try:
            made = output(network, batch)
        except (TypeError, ValueError, RuntimeError) as error:
            raise UserError(
                f"output() failed ({one_line(str(error), most=200)}): define output(self, network, batch), what the "
                "network makes of a batch"
            ) from error
        if isinstance(made, Tensor):
            return made
        raise UserError(f"output() gave {_told(made)}: expected the tensor that the network makes of a batch")

    return looked_at


def measured_given(found: Any, metrics: Iterable[str], method: str) -> Iterator[tuple[str, Mapping[str, float]]]:
    """What `evaluate` gave: samples with all metrics, each a finite number; a whole split has no name.

    Args:
        found: as it was given.
        metrics: that each must have.
        method: that gave it.

    Raises:
        UserError: it is no such table.
        Diverged: a number is not finite.
    """
    if not isinstance(found, Mapping):
        raise UserError(f"{method}() gave {_told(found)}: {_TABLE}{_forgotten(found)}")
    if not found:
        raise UserError(f"{method}() gave nothing: expected a value of every metric for at least one sample")
    known = set(metrics)
    whole = not any(isinstance(each, Mapping) for each in found.values())
    for sample, values in ({"": found} if whole else found).items():
        place = f"{method}() of {sample if sample != '' else 'a split'}"
        if not isinstance(values, Mapping) or set(values) != known:
            got = ", ".join(map(str, values)) if isinstance(values, Mapping) else _told(values)
            raise UserError(one_line(f"{place}: expected {', '.join(sorted(known))}; got {got}"))
        yield str(sample), {name: _number(place, sample, name, value) for name, value in values.items()}


def _number(place: str, sample: Any, name: str, value: Any) -> float:
    try:
        if isinstance(value, str | bytes):
            raise TypeError
        number = float(value)
    except (TypeError, ValueError, RuntimeError, OverflowError) as error:
        raise UserError(one_line(f"{place}: {name} is {_told(value)}: expected a number")) from error
    if not math.isfinite(number):
        raise Diverged(f"{name} of {sample if sample != '' else 'the split'} is {number}")
    return number


def _told(value: Any) -> str:
    """What came, in a few words."""
    if value is None or isinstance(value, bool | int | float | str):
        return one_line(repr(value), most=60)
    if isinstance(value, Tensor):
        return f"a tensor of shape {tuple(value.shape)}" if value.dim() else "a tensor of one number"
    if isinstance(value, type):
        return f"the class {value.__name__}"
    empty = "an empty " if hasattr(value, "__len__") and not len(value) else "a "
    return f"{empty}{type(value).__name__}"


def _forgotten(value: Any) -> str:
    return " (is a return missing?)" if value is None else ""
