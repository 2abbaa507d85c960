"""The engine: ablation studies and hyperparameter search with evidence.

Importing it prints nothing, parses no arguments and touches no GPU. Its rooms, from the top floor down: ``cli``,
``search``, ``cluster`` and ``evidence``, ``experiment``, ``training`` and ``store``, ``config``.
"""

__all__ = ["__version__"]
__version__ = "0.2.0"
