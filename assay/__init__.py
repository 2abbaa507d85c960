"""The engine: ablation studies and hyperparameter search with evidence.

Importing it prints nothing, parses no arguments and touches no GPU. Its rooms, from the top floor down: ``cli``,
``api``, ``launch``, ``console``, ``tuning``, ``cluster`` and ``evidence``, ``experiment``, ``training`` and ``store``,
``config``. What a study is made of, and what works on one, can be imported from here.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assay.api import ablate, export, load_run, plan, plan_search, report, search, unpack
    from assay.config.errors import UserError
    from assay.config.section import Section, at_least, choice, some_of, value
    from assay.config.training import OptimConfig, TorchConfig, TrainConfig
    from assay.metric import Metric
    from assay.runs import Run, SearchRun
    from assay.study import Study
    from assay.torch_study import TorchStudy
    from assay.training.shuffled import Shuffled

__all__ = [
    "Metric",
    "OptimConfig",
    "Run",
    "SearchRun",
    "Section",
    "Shuffled",
    "Study",
    "TorchConfig",
    "TorchStudy",
    "TrainConfig",
    "UserError",
    "__version__",
    "ablate",
    "at_least",
    "choice",
    "export",
    "load_run",
    "plan",
    "plan_search",
    "report",
    "search",
    "some_of",
    "unpack",
    "value",
]
__version__ = "0.2.0"

_PLACES = {
    **dict.fromkeys(("ablate", "export", "load_run", "plan", "plan_search", "report", "search", "unpack"), "assay.api"),
    **dict.fromkeys(("Run", "SearchRun"), "assay.runs"),
    "UserError": "assay.config.errors",
    **dict.fromkeys(("Section", "at_least", "choice", "some_of", "value"), "assay.config.section"),
    **dict.fromkeys(("OptimConfig", "TorchConfig", "TrainConfig"), "assay.config.training"),
    "Metric": "assay.metric",
    "Shuffled": "assay.training.shuffled",
    "Study": "assay.study",
    "TorchStudy": "assay.torch_study",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for; most commands need little of it."""
    if name not in _PLACES:
        raise AttributeError(f"module 'assay' has no attribute {name!r}")
    return getattr(import_module(_PLACES[name]), name)
