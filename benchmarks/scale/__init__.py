"""What the driver of a run costs as trials and workers become many; `python -m benchmarks.scale` tells."""
