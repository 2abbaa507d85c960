"""The network: a file per component, and the factory that builds it from a ModelConfig."""

from smfnet.model.factory import build
from smfnet.model.network import Fusion, Reconstruction, SMFNet
from smfnet.model.released import load_released_checkpoint

__all__ = ["Fusion", "Reconstruction", "SMFNet", "build", "load_released_checkpoint"]
