"""Result files: what was measured, with everything that it may depend on."""

from __future__ import annotations

import json
import os
import platform
import shlex
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch

from assay.experiment.naming.circumstances import processor
from assay.experiment.provenance import git_state, package_versions
from assay.store.disk.atomic import write_text
from smfnet.study import study

__all__ = ["RESULTS", "write_result"]

RESULTS = Path(__file__).parent / "results"


def write_result(benchmark: str, measured: Mapping[str, Any], output: Path | None = None) -> Path:
    """Write a result as JSON, whole or not at all.

    Args:
        benchmark: name of the module under `benchmarks`, after that of its room.
        measured: the numbers, units in their names.
        output: the file; `benchmarks/results/MODULE.json` if None.

    Returns:
        The file.
    """
    path = output or RESULTS / f"{benchmark.rpartition('.')[2]}.json"
    result = {
        "benchmark": benchmark,
        "command": shlex.join(["python", "-m", f"benchmarks.{benchmark}", *sys.argv[1:]]),
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "git": git_state(),
        "machine": _machine(),
        "versions": {"python": platform.python_version(), **package_versions(study())},
        "measured": measured,
    }
    write_text(path, json.dumps(result, indent=1) + "\n")
    return path


def _machine() -> dict[str, Any]:
    """The processor, how much of it was taken by others, and the GPU if there is one."""
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "load": [round(load, 2) for load in os.getloadavg()],
        "torch_threads": torch.get_num_threads(),
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
        "system": platform.system(),
    }
