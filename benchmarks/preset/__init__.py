"""What recipes for the preset quick cost and decide; `python -m benchmarks.preset` tells."""
