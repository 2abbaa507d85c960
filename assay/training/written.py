"""Whether a class of a study can be trained and measured as it is written."""

from __future__ import annotations

from typing import Any

from assay.config.errors import UserError, one_line
from assay.config.mistakes.methods import check_dataclass, check_methods, check_names, overridden
from assay.config.training import TorchConfig

__all__ = ["check_class"]

_EACH = ("build", "batches", "terms")  # to write once, or for each phase
_MORE = ("evaluate_rule", "output", "files", "phase_modules", *_EACH, *(f"phase_{name}" for name in _EACH))


def check_class(kind: Any, base: type) -> None:
    """Refuse a class of a study of torch's that lacks what it must say, or says it otherwise than it is asked.

    Args:
        kind: the user's.
        base: `TorchStudy`, from which it derives.

    Raises:
        UserError: one line with what to write.
    """
    if not (isinstance(kind.config, type) and issubclass(kind.config, TorchConfig)):
        got = one_line(repr(kind.config), most=60)
        raise UserError(f"{kind.__name__}.config: expected a class that derives from TorchConfig; got {got}")
    check_dataclass(kind.config)
    for name in ("parts", "splits"):
        if isinstance(getattr(kind, name), str):
            raise UserError(f"{kind.__name__}.{name}: expected a tuple of names; got {getattr(kind, name)!r}")
    once = [name for name in _EACH if not overridden(kind, base, f"phase_{name}")]
    needed = (*once, "evaluate", *(["evaluate_rule"] if kind.rules else []))
    check_methods(kind, base, needed, _MORE)
    check_names(kind, base)
