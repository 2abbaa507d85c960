"""SMFNet, a network that fuses infrared and visible images: the study that comes with ``assay``.

Its rooms: ``smfnet.config``, ``smfnet.data``, ``smfnet.model``, ``smfnet.losses``, ``smfnet.metrics``,
``smfnet.training`` (its stages), ``smfnet.fusion`` (test step, training-free rules, files), ``smfnet.api``,
``smfnet.cli``. What fuses and measures images can be imported from here.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from smfnet.api import compare, evaluate, fuse

__all__ = ["compare", "evaluate", "fuse"]


def __getattr__(name: str) -> Any:
    """Import what is asked for: most of the study does without."""
    if name not in __all__:
        raise AttributeError(f"module 'smfnet' has no attribute {name!r}")
    from smfnet import api

    return getattr(api, name)
