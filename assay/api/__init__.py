"""What the commands call, and what a script or a notebook calls.

    import assay

    run = assay.ablate("my_study.py", seeds=3)
    run.table()

The same call again goes on where it stopped, and trains nothing that is in the storage.
"""

from assay.api.ablations import ablate, plan
from assay.api.results import export, load_run, report, unpack
from assay.api.searches import plan_search, search

__all__ = ["ablate", "export", "load_run", "plan", "plan_search", "report", "search", "unpack"]
