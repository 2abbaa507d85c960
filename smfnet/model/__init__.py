"""The network: a file per component, and the factory that builds it from a ModelConfig."""

from smfnet.model.factory import build
from smfnet.model.network import Fusion, Reconstruction, SMFNet

__all__ = ["Fusion", "Reconstruction", "SMFNet", "build"]
