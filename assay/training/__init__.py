"""The training loop: optimiser, checkpoints, and the stop at the first non-finite loss."""
