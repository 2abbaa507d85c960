"""What a training step takes, by switch, and what a trial adds to its steps."""
