"""Variants and seeds become trials, trials become stages; the store remembers stages, a run folder holds results."""
