"""The library: ablation studies and hyperparameter search with evidence, shown on SMFNet.

Importing it prints nothing, parses no arguments and touches no GPU. Each room has its own public list:
``smfnet.config``, ``smfnet.data``, ``smfnet.model``, ``smfnet.losses``, ``smfnet.metrics``, ``smfnet.training``,
``smfnet.experiment``, ``smfnet.cluster``, ``smfnet.search``.
"""

__all__ = ["__version__"]
__version__ = "0.1.0"
