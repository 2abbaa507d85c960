"""What a GPU makes of a training step: every switch, several processes, the metrics, and the card's own ceilings."""
