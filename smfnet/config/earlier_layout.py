"""Where values stand now that a `config.yaml` of before the slots' tables has elsewhere."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["RENAMED"]

_MOVED = {
    "base.transformer": ("base", ("groups", "pairs", "blocks", "residual", "tail", "msa_dense3x3")),
    "detail.cai": (
        "detail",
        ("grdb", "sobel_trainable", "cross.enabled", "cross.layernorm", "cross.shared", "inn.blocks", "inn.clamp"),
    ),
    "graph.reasoning": ("graph", ("dilations", "cross_steps", "iters", "gate_layout", "gamma_init")),
    "fuse.detail.invertible": ("fuse", ("blocks", "grdb")),
}
# Earlier path -> those of today; a value that two kinds shared is each one's own now.
RENAMED: Mapping[str, tuple[str, ...]] = {
    **{f"{old}.{name}": (f"{new}.{name}",) for new, (old, names) in _MOVED.items() for name in names},
    "base.msa_dense3x3": ("base.transformer.msa_dense3x3", "base.single_attention.msa_dense3x3"),
    "detail.sobel_trainable": ("detail.cai.sobel_trainable", "fuse.detail.invertible.sobel_trainable"),
    "fuse.combine": ("fuse.combine.kind",),
}
