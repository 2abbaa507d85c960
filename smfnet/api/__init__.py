"""What the commands `fuse`, `evaluate` and `conventions` call, and what a script or a notebook calls.

import smfnet

fused = smfnet.fuse("runs/table5", ir, vi)  # arrays
smfnet.evaluate(fused, ir, vi)
smfnet.fuse("runs/table5", "my/ir", "my/vi", output="my/fused")  # folders
smfnet.compare({"U2Fusion": "u2", "mine": "my/fused"}, "my/ir", "my/vi", against="U2Fusion").data
"""

from smfnet.api.conventions import conventions_of
from smfnet.api.fusing import FusedPartly, fuse, fuse_folders, fuser_of
from smfnet.api.measuring import compare, evaluate

__all__ = ["FusedPartly", "compare", "conventions_of", "evaluate", "fuse", "fuse_folders", "fuser_of"]
