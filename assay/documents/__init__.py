"""What the commands print with `--json`: one document each, whose shape is told by types and nowhere else."""
