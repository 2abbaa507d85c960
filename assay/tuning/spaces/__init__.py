"""What a search may change: parameters, their ranges, and the samples that they make."""
