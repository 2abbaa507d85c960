"""Variances, intervals, verdicts: what the numbers of a run allow to be said."""
