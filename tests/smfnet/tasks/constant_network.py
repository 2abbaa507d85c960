"""An ONNX file that gives the same numbers whatever it reads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

__all__ = ["constant_network"]


def constant_network(
    folder: Path, cells: NDArray[np.floating], reads: Sequence[int | str] = (1, 3, 352, 352), kind: str = "FLOAT"
) -> Path:
    """Its file.

    Args:
        folder: that it is written into.
        cells: what it gives.
        reads: shape of its input, a text where a side is free.
        kind: of the numbers that it reads.
    """
    onnx = pytest.importorskip("onnx")
    maker, kinds = onnx.helper, onnx.TensorProto
    image = maker.make_tensor_value_info("image", getattr(kinds, kind), reads)
    found = maker.make_tensor_value_info("cells", kinds.FLOAT, cells.shape)
    value = onnx.numpy_helper.from_array(cells.astype(np.float32))
    graph = maker.make_graph([maker.make_node("Constant", [], ["cells"], value=value)], "found", [image], [found])
    file = folder / "detector.onnx"
    onnx.save(maker.make_model(graph, opset_imports=[maker.make_opsetid("", 13)], ir_version=8), file)
    return file
