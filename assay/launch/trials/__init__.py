"""Trials carried out: at once or in rounds, within a time, tracked; and what more would decide."""
