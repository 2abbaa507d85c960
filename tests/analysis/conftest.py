"""Synthetic runs with known effects."""

from tests.synthetic_runs import make_run, measured_from, whole_run

__all__ = ["make_run", "measured_from", "whole_run"]
