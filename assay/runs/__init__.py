"""What came out of an ablation or a search, for Python: data frames, networks, and what a notebook shows."""

from assay.runs.run import Run
from assay.runs.search_run import SearchRun

__all__ = ["Run", "SearchRun"]
